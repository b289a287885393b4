// The yardstick: about what Node can do. No checks at all.
import { WebSocket, WebSocketServer } from "ws"

const users = new Map<string, WebSocket>()

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false })

server.on("connection", (ws, request) => {
  const user = String(request.headers["phone-number"])
  users.set(user, ws)
  ws.on("message", (data: Buffer) => {
    const { group, recipient, text } = JSON.parse(data.toString()) as {
      group?: string
      recipient: string
      text: string
    }
    if (group !== undefined) {
      // Everybody is in the one group.
      const frame = JSON.stringify({ type: "incoming_message", sender: user, group, text })
      for (const other of users.values()) if (other !== ws) other.send(frame)
      return
    }
    users.get(recipient)?.send(JSON.stringify({ type: "incoming_message", sender: user, text }))
  })
  ws.on("close", () => users.delete(user))
})
