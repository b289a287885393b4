// The yardstick of Bun: what `bare-ws.ts` does, on `Bun.serve` and its own WebSockets. No checks at all.
interface Socket {
  readonly data: string
  readonly send: (text: string) => void
}
interface Bun {
  readonly serve: (options: object) => void
}

const users = new Map<string, Socket>()
;(globalThis as unknown as { readonly Bun: Bun }).Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  fetch: (request: Request, server: { readonly upgrade: (request: Request, options: { data: string }) => boolean }) =>
    server.upgrade(request, { data: String(request.headers.get("phone-number")) })
      ? undefined
      : new Response("no", { status: 400 }),
  websocket: {
    idleTimeout: 0,
    perMessageDeflate: false,
    open: (ws: Socket) => void users.set(ws.data, ws),
    close: (ws: Socket) => void users.delete(ws.data),
    message: (ws: Socket, data: string) => {
      const { group, recipient, text } = JSON.parse(data) as { group?: string; recipient: string; text: string }
      if (group === undefined) {
        users.get(recipient)?.send(JSON.stringify({ type: "incoming_message", sender: ws.data, text }))
        return
      }
      // Everybody is in the one group.
      const frame = JSON.stringify({ type: "incoming_message", sender: ws.data, group, text })
      for (const other of users.values()) if (other !== ws) other.send(frame)
    }
  }
})
