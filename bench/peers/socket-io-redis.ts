// Socket.IO 4.8 as one of several processes, with the adapter that it has for that: plain pub/sub, nothing durable.
import { createAdapter } from "@socket.io/redis-adapter"
import { createServer } from "node:http"
import { createClient } from "redis"
import { Server } from "socket.io"

const publishes = createClient({ url: process.argv[3]! })
const subscribes = publishes.duplicate()
for (const client of [publishes, subscribes]) client.on("error", () => {})
await Promise.all([publishes.connect(), subscribes.connect()])

const http = createServer()
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  serveClient: false,
  adapter: createAdapter(publishes, subscribes, { key: process.argv[4]! })
})

io.on("connection", (socket) => {
  const user = String(socket.handshake.headers["phone-number"])
  // Nobody knows on which server somebody is, so it is said to a room.
  socket.join(user)
  socket.on("chat_message", ({ recipient, text }: { recipient: string; text: string }) => {
    io.to(recipient).emit("incoming_message", { sender: user, text })
  })
})

http.listen(Number(process.argv[2]), "127.0.0.1")
