/** Whoever listens to webhooks: a real HTTP server that checks every signature with the standard's own package. */
import { Effect } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Webhook } from "standardwebhooks"
import type { Attachments } from "../../src/domain/entries/Attachment.ts"

export const webhookSecret = `whsec_${Buffer.from("a secret of 24 bytes or more").toString("base64")}`

export interface Heard {
  readonly id: string
  readonly type: string
  readonly data: {
    readonly conversation?: string
    readonly seq?: number
    readonly kind?: string
    readonly text?: string
    readonly attachments?: Attachments
    readonly user?: string
    readonly sender?: string
    readonly muted?: boolean
    readonly mentioned?: boolean
    readonly author?: string
    readonly reporter?: string
    readonly reason?: string
    readonly report?: number
  }
  /** The port on this machine from which it came. */
  readonly from: number | undefined
  readonly node: string | undefined
}

type Answer = (request: IncomingMessage, response: ServerResponse, heard: Heard) => void

export interface Receiver {
  readonly url: string
  readonly port: number
  /** What was told and taken, in order, repetitions and all. */
  readonly heard: Array<Heard>
  /** All tries. */
  tries: number
  /** Those under way, and the most that there were at once. */
  open: number
  most: number
  /** What it does; takes everything at first. */
  answer: Answer
  /** Signatures that were wrong. */
  readonly wrong: Array<string>
}

export const take: Answer = (_, response) => void response.writeHead(204).end()

/** Says this and takes nothing. */
export const refuse = (status: number, headers: Record<string, string> = {}): Answer => (_, response) =>
  void response.writeHead(status, headers).end("no")

export const startReceiver = (secrets: ReadonlyArray<string> = [webhookSecret], port = 0) =>
  Effect.acquireRelease(
    Effect.callback<readonly [Receiver, () => void]>((resume) => {
      const server = createServer((request, response) => {
        let body = ""
        receiver.tries++
        receiver.open++
        receiver.most = Math.max(receiver.most, receiver.open)
        response.once("close", () => receiver.open--)
        request.on("data", (chunk: Buffer) => body += chunk.toString())
        request.on("end", () => {
          // Node gives one value for each of these headers.
          const headers = request.headers as Record<string, string>
          for (const secret of secrets) {
            try {
              new Webhook(secret).verify(body, headers)
            } catch (error) {
              receiver.wrong.push(String(error))
            }
          }
          const { data, type } = JSON.parse(body) as Heard
          const heard: Heard = {
            id: headers["webhook-id"]!,
            type,
            data,
            from: request.socket.remotePort,
            node: new URL(request.url!, "http://x").searchParams.get("node") ?? undefined
          }
          response.once("finish", () => {
            if (response.statusCode < 300) receiver.heard.push(heard)
          })
          receiver.answer(request, response, heard)
        })
      })
      const receiver: Receiver = {
        url: "",
        port: 0,
        heard: [],
        tries: 0,
        open: 0,
        most: 0,
        answer: take,
        wrong: []
      }
      server.listen(port, "127.0.0.1", () => {
        const at = (server.address() as AddressInfo).port
        Object.assign(receiver, { port: at, url: `http://127.0.0.1:${at}/hook` })
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed([receiver, close]))
      })
    }),
    ([, close]) => Effect.sync(close)
  ).pipe(Effect.map(([receiver]) => receiver))

/** In each conversation places only go forward, but for what was told again; and none is left out from the first on. */
export const orderProblems = (heard: ReadonlyArray<Heard>): ReadonlyArray<string> => {
  const highest = new Map<string, number>()
  const problems: Array<string> = []
  for (const { data: { conversation, seq } } of heard) {
    if (conversation === undefined || seq === undefined) continue
    const before = highest.get(conversation) ?? 0
    if (seq > before + 1) problems.push(`${conversation} ${seq} came after ${before}`)
    highest.set(conversation, Math.max(before, seq))
  }
  return problems
}
