/** The least that takes files in and gives them out: Node's own server, a stream to a file, a stream from it. No checks. */
import { createReadStream, createWriteStream, statSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { pipeline } from "node:stream"

const [port, directory, flush] = process.argv.slice(2)

let files = 0

createServer((request, response) => {
  if (request.method === "POST") {
    const file = `f${files++}`
    pipeline(request, createWriteStream(join(directory!, file), { flush: flush === "fsync" }), () => {
      response.writeHead(201, { "content-type": "application/json" })
      response.end(JSON.stringify({ file }))
    })
    return
  }
  const path = join(directory!, request.url!.slice(1))
  response.writeHead(200, { "content-length": statSync(path).size })
  pipeline(createReadStream(path), response, () => {})
}).listen(Number(port), "127.0.0.1")
