/** A program in front of the server, as a proxy is: it can have other files than the server, and can be gone. */
import { createServer, request } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"

export interface Front {
  readonly url: string
  /** What the server has at this path. */
  readonly read: (path: string) => Promise<string>
  /** From here on it has this there. */
  readonly have: (path: string, body: string) => void
  readonly close: () => void
}

export const frontOf = async (server: string): Promise<Front> => {
  const { hostname, port } = new URL(server)
  const own = new Map<string, string>()
  const sockets = new Set<Socket>()
  const front = createServer((asked, answer) => {
    const body = own.get(asked.url ?? "")
    if (body !== undefined) {
      answer.writeHead(200, { "content-type": "text/javascript", "cache-control": "no-cache" })
      return void answer.end(body)
    }
    const { headers, method, url } = asked
    asked.pipe(
      request({ hostname, port, method, path: url, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers)
        response.pipe(answer)
      }).on("error", () => answer.destroy())
    )
  })
  front.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  front.on("upgrade", ({ headers, url }, socket: Socket, head) => {
    const to = connect(Number(port), hostname, () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`)
      to.write(`GET ${url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`)
      to.write(head)
      to.pipe(socket).pipe(to)
    })
    for (const each of [to, socket]) each.on("error", () => each.destroy())
    socket.on("close", () => to.destroy())
    to.on("close", () => socket.destroy())
  })
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve))
  // It listens on a port, so it has one.
  const { port: ownPort } = front.address() as AddressInfo
  const url = `http://127.0.0.1:${ownPort}/`
  return {
    url,
    read: async (path) => (await fetch(new URL(path, server))).text(),
    have: (path, body) => void own.set(path, body),
    close: () => {
      front.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}
