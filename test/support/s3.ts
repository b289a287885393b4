/** An object store of a test's own that speaks S3: OpenStack Swift, of Debian's `python3-swift`. */
import aws4 from "aws4"
import { Deferred, Effect, Redacted } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { request } from "node:http"
import type { S3FileStoreOptions } from "../../src/services/files/S3FileStore.ts"
import { root } from "./ServerProcess.ts"
import { temporaryDirectory } from "./stores.ts"

const python = "/usr/bin/python3"

export const hasS3Server = spawnSync(python, ["-c", "import swift.common.middleware.s3api"]).status === 0
if (!hasS3Server) {
  const message = "No python3-swift on this machine: the S3 tests cannot run."
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

const credentials = { accessKeyId: "test:tester", secretAccessKey: "secret-of-the-tests" }

/** For processes of their own. */
export const s3Variables = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey
}

export const s3Credentials: NonNullable<S3FileStoreOptions["credentials"]> = {
  accessKeyId: credentials.accessKeyId,
  secretAccessKey: Redacted.make(credentials.secretAccessKey)
}

const makeBucket = (port: number, bucket: string) =>
  Effect.callback<void>((resume) => {
    const { headers, path } = aws4.sign({
      service: "s3",
      region: "us-east-1",
      method: "PUT",
      host: `127.0.0.1:${port}`,
      path: `/${bucket}`
    }, credentials)
    const asking = request({ host: "127.0.0.1", port, method: "PUT", path, headers }, (response) => {
      response.resume()
      response.once("end", () =>
        resume(response.statusCode === 200 ? Effect.void : Effect.die(new Error(`no bucket: ${response.statusCode}`))))
    })
    asking.once("error", (error) =>
      resume(Effect.die(error)))
    asking.end()
  })

export const startS3 = Effect.gen(function*() {
  const folder = yield* temporaryDirectory
  const start = Effect.fnUntraced(function*(port: number) {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(
          python,
          [
            `${root}test/support/s3_server.py`,
            folder,
            String(port),
            credentials.accessKeyId,
            credentials.secretAccessKey
          ],
          { stdio: ["pipe", "pipe", "pipe"] }
        )
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const exited = yield* Deferred.make<void>()
    child.once("exit", () => Deferred.doneUnsafe(exited, Effect.void))
    const listens = yield* Effect.callback<number>((resume) => {
      let output = ""
      child.stdout.on("data", (data: Buffer) => {
        output += data.toString()
        const found = /listens: (\d+)/.exec(output)?.[1]
        if (found !== undefined) resume(Effect.succeed(Number(found)))
      })
      let errors = ""
      child.stderr.on("data", (data: Buffer) => errors += data.toString())
      child.once("exit", () => resume(Effect.die(new Error(`the S3 server ended: ${errors}`))))
    })
    const signal = (name: NodeJS.Signals) => child.kill(name)
    return { port: listens, signal, stop: Effect.andThen(Effect.sync(() => signal("SIGKILL")), Deferred.await(exited)) }
  })
  const first = yield* start(0)
  const endpoint = `http://127.0.0.1:${first.port}`
  yield* makeBucket(first.port, "chat")
  const bucket: S3FileStoreOptions = { bucket: "chat", endpoint, credentials: s3Credentials }
  return { ...first, endpoint, bucket, again: start(first.port) }
})
