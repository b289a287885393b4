// The obvious durable server: bare ws, and one INSERT in its own transaction per message, before relay and answer.
import { DatabaseSync } from "node:sqlite"
import { WebSocket, WebSocketServer } from "ws"

const db = new DatabaseSync(process.argv[3] ?? ":memory:")
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
db.exec("CREATE TABLE messages (id INTEGER PRIMARY KEY, sender TEXT, recipient TEXT, client_id TEXT, text TEXT)")
const insert = db.prepare("INSERT INTO messages (sender, recipient, client_id, text) VALUES (?, ?, ?, ?)")

const users = new Map<string, WebSocket>()
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false })

server.on("connection", (ws, request) => {
  const user = String(request.headers["phone-number"])
  users.set(user, ws)
  ws.on("message", (data: Buffer) => {
    const { id, recipient, text } = JSON.parse(data.toString()) as { id?: string; recipient: string; text: string }
    insert.run(user, recipient, id ?? null, text)
    users.get(recipient)?.send(JSON.stringify({ type: "incoming_message", sender: user, text }))
    if (id !== undefined) ws.send(JSON.stringify({ type: "message_accepted", id }))
  })
  ws.on("close", () => users.delete(user))
})
