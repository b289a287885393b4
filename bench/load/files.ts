/** Uploads and downloads of 25 MB, as a browser does them: one request after the other on connections that stay. */
import { Agent, request as httpRequest } from "node:http"
import { WebSocket } from "ws"
import type { RunningServer } from "../servers.ts"

export const fileBytes = 26_214_400

const agent = new Agent({ keepAlive: true })
const piece = Buffer.alloc(65_536, "x")

export interface Pace {
  /** Of this upload; without it as fast as it goes. */
  readonly bytesPerSecond?: number
}

/** Answers with the file's name. */
export const upload = ({ port }: RunningServer, user: string, { bytesPerSecond }: Pace = {}) =>
  new Promise<string>((resolve, reject) => {
    const request = httpRequest({
      agent,
      port,
      host: "127.0.0.1",
      method: "POST",
      path: "/v1/files?name=a.bin",
      headers: { "phone-number": user, "content-length": fileBytes }
    }, (response) => {
      let text = ""
      response.on("data", (data: Buffer) => text += data.toString())
      response.on("end", () => {
        if (response.statusCode === 201) resolve((JSON.parse(text) as { file: string }).file)
        else reject(new Error(`${response.statusCode} ${text}`))
      })
    })
    request.on("error", reject)
    let left = fileBytes
    const pause = bytesPerSecond === undefined ? 0 : piece.length / bytesPerSecond * 1_000
    const write = (): void => {
      while (left > 0) {
        const next = left < piece.length ? piece.subarray(0, left) : piece
        left -= next.length
        const hasRoom = request.write(next)
        if (left === 0) break
        if (pause > 0) return void setTimeout(write, pause)
        if (!hasRoom) return void request.once("drain", write)
      }
      request.end()
    }
    write()
  })

export const download = ({ port }: RunningServer, path: string) =>
  new Promise<void>((resolve, reject) => {
    httpRequest({ agent, port, host: "127.0.0.1", path }, (response) => {
      let bytes = 0
      response.on("data", (data: Buffer) => bytes += data.length)
      response.on("end", () =>
        bytes === fileBytes ? resolve() : reject(new Error(`${response.statusCode}, ${bytes} bytes`)))
    }).on("error", reject).end()
  })

/** Where a file of the user's is downloaded: what a message that names it says. */
export const pathOf = (server: RunningServer, user: string, file: string) =>
  server.dialect !== "v1" ? Promise.resolve(`/${file}`) : new Promise<string>((resolve) => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/ws?device=bench`, ["switchboard.v1"], {
      headers: { "Phone-Number": user }
    })
    ws.on("open", () => {
      ws.send(JSON.stringify({ type: "chat_message", recipient: user, text: "", attachments: [{ file }] }))
    })
    ws.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { attachments?: ReadonlyArray<{ url: string }> }
      if (frame.attachments === undefined) return
      ws.terminate()
      resolve(frame.attachments[0]!.url)
    })
  })
