// Socket.IO 4.8 with its WebSocket transport only and without compression.
import { createServer } from "node:http"
import { Server, type Socket } from "socket.io"

const http = createServer()
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false })
const users = new Map<string, Socket>()

io.on("connection", (socket) => {
  const user = String(socket.handshake.headers["phone-number"])
  users.set(user, socket)
  socket.on("chat_message", ({ recipient, text }: { recipient: string; text: string }) => {
    users.get(recipient)?.emit("incoming_message", { sender: user, text })
  })
  socket.join("everybody")
  socket.on("group_message", ({ text }: { text: string }) => {
    socket.broadcast.to("everybody").emit("incoming_message", { sender: user, text })
  })
  socket.on("disconnect", () => users.delete(user))
})

http.listen(Number(process.argv[2]), "127.0.0.1")
