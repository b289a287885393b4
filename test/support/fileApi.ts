/** Files over HTTP as clients send and fetch them. */
import { Effect, Option } from "effect"
import { request as requestPlainly } from "node:http"
import { request as requestOverTls } from "node:https"
import { FileId } from "../../src/domain/Ids.ts"
import { FileLinks } from "../../src/services/files/FileLinks.ts"
import { FileRecords } from "../../src/services/storage/FileRecords.ts"
import { http, overTls } from "./overTls.ts"

/** Those of the store that the server has. */
export const fileRecords = Effect.map(Effect.serviceOption(FileRecords), Option.getOrThrow)

export interface FileAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  /** Of JSON; `undefined` for anything else. */
  readonly body: any
}

export const ask = (port: number, path: string, init: RequestInit = {}): Effect.Effect<FileAnswer> =>
  Effect.promise(async (signal) => {
    const response = await fetch(`${http}://127.0.0.1:${port}${path}`, { signal, ...init })
    const bytes = Buffer.from(await response.arrayBuffer())
    const isJson = /[/+]json$/.test(response.headers.get("content-type") ?? "")
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      body: isJson ? JSON.parse(bytes.toString()) : undefined
    }
  })

export interface Sent {
  readonly user?: string
  readonly name?: string
  readonly type?: string
  readonly headers?: Record<string, string>
}

export const upload = (
  port: number,
  body: Uint8Array<ArrayBuffer> | string,
  { headers = {}, name = "file", type, user = "alice" }: Sent = {}
) =>
  ask(port, `/v1/files?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { "phone-number": user, ...(type === undefined ? {} : { "content-type": type }), ...headers },
    body: typeof body === "string" ? Buffer.from(body) : body
  })

/** The path of a file, as a message would have it. */
export const linkOf = ({ file, name }: { readonly file: string; readonly name: string }) =>
  FileLinks.useSync((links) => links.urlOf({ file: FileId.make(file), name }))

/** With what `fetch` would not send. */
export const askRaw = (port: number, path: string, headers: Record<string, string>, method = "GET") =>
  Effect.callback<{ readonly status: number; readonly headers: Record<string, unknown>; readonly bytes: Buffer }>(
    (resume) => {
      const open = overTls === undefined ? requestPlainly : requestOverTls
      const request = open({ port, host: "127.0.0.1", path, headers, method }, (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () =>
          resume(Effect.succeed({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes: Buffer.concat(chunks)
          })))
      })
      request.end()
      return Effect.sync(() => request.destroy())
    }
  )
