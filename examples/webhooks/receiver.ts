/**
 * Listens to webhooks, with nothing but Node: checks who tells, leaves out what it has already, and hangs push
 * notifications on `message.unread`. Run it with `node examples/webhooks/receiver.ts`, with the server's
 * `SWITCHBOARD_WEBHOOK_SECRET`; `PORT` is 9000.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type Server } from "node:http"

interface Unread {
  readonly user: string
  readonly sender: string
  readonly text?: string
  /** They want to hear nothing of it. */
  readonly muted: boolean
}

export interface Told {
  readonly type: string
  readonly timestamp: string
  readonly data: object
}

/** Whether it is from whoever has the secret, and from these five minutes. */
export const isGenuine = (secret: string, headers: IncomingMessage["headers"], body: string): boolean => {
  const { "webhook-id": id, "webhook-signature": signatures, "webhook-timestamp": timestamp } = headers
  if (typeof signatures !== "string" || Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace("whsec_", ""), "base64")
  const expected = createHmac("sha256", key).update(`${String(id)}.${String(timestamp)}.${body}`).digest()
  return signatures.split(" ").some((each) => {
    const signature = Buffer.from(each.replace("v1,", ""), "base64")
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  })
}

/** `push` is yours: APNs, FCM, an e-mail. What it throws is told again later. */
export const listen = (
  secret: string,
  port: number,
  push: (user: string, title: string, text: string) => Promise<void>
): Server => {
  // In a database of yours, if a restart is not to push again.
  const known = new Set<string>()
  const heard = async ({ data, type }: Told) => {
    if (type !== "message.unread") return
    const { muted, sender, text, user } = data as Unread
    if (muted) return
    await push(user, sender, text ?? "A new message")
  }
  return createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString()
      const id = String(request.headers["webhook-id"])
      if (!isGenuine(secret, request.headers, body)) return void response.writeHead(401).end()
      if (known.has(id)) return void response.writeHead(204).end()
      heard(JSON.parse(body) as Told).then(
        () => {
          known.add(id)
          response.writeHead(204).end()
        },
        () => response.writeHead(500).end()
      )
    })
  }).listen(port)
}

if (import.meta.main) {
  listen(
    process.env["SWITCHBOARD_WEBHOOK_SECRET"] ?? "",
    Number(process.env["PORT"] ?? 9_000),
    async (user, title, text) => {
      console.log(`To the phones of ${user}: ${title}: ${text}`)
    }
  )
}
