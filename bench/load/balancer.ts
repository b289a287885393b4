// A load balancer of the simplest kind, a process of its own: round robin over the nodes that say that they are ready.
import { connect, createServer, type Socket } from "node:net"

const ports = process.argv.slice(3).map(Number)
const everyMillis = 100

const isReady = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(500) }).then(({ ok }) => ok, () => false)

let ready = ports
const look = async () => {
  const answers = await Promise.all(ports.map(isReady))
  ready = ports.filter((_, i) => answers[i])
  setTimeout(look, everyMillis)
}
void look()

let turn = 0

/** Tries each node once. */
const dial = (client: Socket, left: number): void => {
  if (left === 0 || ready.length === 0) {
    client.destroy()
    return
  }
  const server = connect(ready[turn++ % ready.length]!, "127.0.0.1")
  const failed = () => dial(client, left - 1)
  server.once("error", failed)
  server.once("connect", () => {
    server.off("error", failed)
    for (const socket of [server, client]) socket.setNoDelay(true)
    server.on("error", () => client.destroy())
    client.on("close", () => server.destroy())
    server.on("close", () => client.destroy())
    client.pipe(server)
    server.pipe(client)
  })
}

createServer((client) => {
  client.on("error", () => {})
  dial(client, ports.length)
}).listen(Number(process.argv[2]), "127.0.0.1")
