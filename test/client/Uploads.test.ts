/** What every way to the server has to do, over real sockets and with a server that behaves as it likes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { truncateSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileAt, nodeUploads } from "../../src/client/nodeUploads.ts"
import { contentOf } from "../../src/client/UploadContent.ts"
import { type UploadRequest, Uploads, type UploadsService } from "../../src/client/Uploads.ts"
import { includes } from "../support/includes.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { tcpProxy } from "../support/tcpProxy.ts"
import { until } from "../support/until.ts"

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const serve = (handler: Handler) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly end: () => void }>((resume) => {
      const server = createServer(handler)
      const end = () => {
        server.closeAllConnections()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ port: (server.address() as AddressInfo).port, end })))
    }),
    ({ end }) => Effect.sync(end)
  )

const kib = 1_024
const mib = 1_024 * kib

/** As often the event loop comes round: time for everything that waits for nothing. */
const turns = (count: number) =>
  Effect.callback<void>((resume) => {
    const next = (left: number): unknown => left === 0 ? resume(Effect.void) : setImmediate(next, left - 1)
    next(count)
  })

/** A stream of a gigabyte, and how much of it was read. */
const gigabyte = () => {
  const read = { bytes: 0 }
  const chunks = {
    *[Symbol.iterator]() {
      while (read.bytes < 1_024 * mib) {
        read.bytes += 64 * kib
        yield new Uint8Array(64 * kib)
      }
    }
  }
  return { read, stream: Stream.fromIterable(chunks, { chunkSize: 1 }) }
}

const requestOf = (port: number, more: Partial<UploadRequest> = {}): UploadRequest => ({
  url: `http://127.0.0.1:${port}/v1/files?name=a`,
  headers: { "content-type": "text/plain", "Phone-Number": "alice" },
  body: new Blob(["hello"]),
  size: 5,
  onSent: () => {},
  ...more
})

/** Reads all of it and says what it was. */
const echo: Handler = (request, response) => {
  let bytes = 0
  request.on("data", (chunk: Buffer) => bytes += chunk.length)
  request.on("end", () => {
    response.writeHead(201, { "retry-after": "3" })
    response.end(JSON.stringify({ bytes, length: request.headers["content-length"], ...request.headers }))
  })
}

const ways: ReadonlyArray<readonly [string, UploadsService | undefined]> = [
  ["the platform's fetch", undefined],
  ["node:http", nodeUploads]
]

for (const [name, way] of ways) {
  const using = way === undefined ? Uploads : Effect.succeed(way)
  const post = (request: UploadRequest) => Effect.flatMap(using, (uploads) => uploads.post(request))

  describe(`uploads, over ${name}`, () => {
    it.live("all of a Blob comes, and its size before it; the answer goes back", () =>
      Effect.gen(function*() {
        const { port } = yield* serve(echo)
        const body = new Blob([new Uint8Array(3 * mib)])
        const answer = yield* post(requestOf(port, { body, size: body.size }))
        includes(answer, { status: 201, retryAfter: "3" })
        includes(JSON.parse(answer.body), {
          bytes: 3 * mib,
          length: String(3 * mib),
          "content-type": "text/plain",
          "phone-number": "alice"
        })
      }).pipe(Effect.scoped))

    it.live("all of a stream comes, and it is told how far it is", () =>
      Effect.gen(function*() {
        const { port } = yield* serve(echo)
        const sent: Array<number> = []
        const body = Stream.make(new Uint8Array(100_000), new Uint8Array(0), new Uint8Array(200_000))
        const answer = yield* post(requestOf(port, { body, size: undefined, onSent: (bytes) => sent.push(bytes) }))
        includes(JSON.parse(answer.body), { bytes: 300_000 })
        assert.isAtLeast(sent.length, 3)
        assert.deepStrictEqual(sent, sent.toSorted((a, b) => a - b))
        assert.strictEqual(sent.at(-1), 300_000)
      }).pipe(Effect.scoped))

    it.live("no more is read than the server takes", () =>
      Effect.gen(function*() {
        const { port } = yield* serve(() => {})
        const { read, stream } = gigabyte()
        const posting = yield* Effect.forkChild(post(requestOf(port, { body: stream, size: undefined })))
        yield* until(Effect.sync(() => read.bytes > 0))
        yield* turns(5_000)
        assert.isAtMost(read.bytes, 64 * mib)
        yield* Fiber.interrupt(posting)
      }).pipe(Effect.scoped))

    it.live("given up, the line is closed at once", () =>
      Effect.gen(function*() {
        let begun = false
        let closed = false
        const { port } = yield* serve((request) => {
          begun = true
          request.on("error", () => {})
          request.on("close", () => closed = true)
          request.resume()
        })
        const body = Stream.concat(Stream.make(new Uint8Array(1)), Stream.never)
        const posting = yield* Effect.forkChild(post(requestOf(port, { body, size: undefined })))
        yield* until(Effect.sync(() => begun))
        yield* Fiber.interrupt(posting)
        yield* until(Effect.sync(() => closed))
      }).pipe(Effect.scoped))

    it.live("a refusal that comes before all is sent is heard", () =>
      Effect.gen(function*() {
        const { port } = yield* serve((request, response) => {
          response.writeHead(413, { connection: "close" })
          response.end("{\"detail\":\"Too large.\"}")
          request.resume()
        })
        const answer = yield* post(requestOf(port, { body: gigabyte().stream, size: undefined }))
        includes(answer, { status: 413, body: "{\"detail\":\"Too large.\"}" })
      }).pipe(Effect.scoped))

    it.live("a line that breaks, at once or in the middle, is told", () =>
      Effect.gen(function*() {
        let bytes = 0
        const { port } = yield* serve((request) => {
          request.on("error", () => {})
          request.on("data", (chunk: Buffer) => bytes += chunk.length)
        })
        const proxy = yield* tcpProxy({ host: "127.0.0.1", port })
        const posting = yield* Effect.forkChild(
          Effect.flip(post(requestOf(proxy.port, { body: gigabyte().stream, size: undefined })))
        )
        yield* until(Effect.sync(() => bytes > mib))
        proxy.refuse()
        includes(yield* Fiber.join(posting), { _tag: "UploadBroken", message: "the connection broke" })
        includes(yield* Effect.flip(post(requestOf(proxy.port))), { _tag: "UploadBroken" })
      }).pipe(Effect.scoped))
  })
}

describe("node:http", () => {
  it.live("tells how far it is with a Blob that is in one piece", () =>
    Effect.gen(function*() {
      const { port } = yield* serve(echo)
      const sent: Array<number> = []
      const body = new Blob([new Uint8Array(mib)])
      yield* nodeUploads.post(requestOf(port, { body, size: mib, onSent: (bytes) => sent.push(bytes) }))
      assert.deepStrictEqual(sent, Array.from({ length: 16 }, (_, i) => (i + 1) * 64 * kib))
    }).pipe(Effect.scoped))
})

describe("a file at a path", () => {
  it.live("has a name, a type by its ending, and its bytes each time", () =>
    Effect.gen(function*() {
      const path = join(yield* temporaryDirectory, "Bild 1.PNG")
      writeFileSync(path, "hello")
      const content = contentOf(fileAt(path))
      includes(content, { name: "Bild 1.PNG", type: "image/png" })
      for (let i = 0; i < 2; i++) {
        const { body, size } = yield* content.open(0)
        assert.strictEqual(size, 5)
        assert.strictEqual(yield* Effect.promise(() => (body as Blob).text()), "hello")
      }
    }).pipe(Effect.scoped))

  it.live("that is not there, or a folder, is a sentence", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      for (const path of [directory, join(directory, "nothing")]) {
        const { message, reason } = yield* Effect.flip(contentOf(fileAt(path)).open(0))
        assert.strictEqual(reason, "upload")
        assert.include(message, path)
      }
    }).pipe(Effect.scoped))

  it.live("is not sent whole into memory: a gigabyte that nobody takes costs next to nothing", () =>
    Effect.gen(function*() {
      const path = join(yield* temporaryDirectory, "large")
      writeFileSync(path, "")
      truncateSync(path, 1_024 * mib)
      let begun = false
      const { port } = yield* serve(() => begun = true)
      const { body, size } = yield* contentOf(fileAt(path)).open(0)
      let most = 0
      const request = requestOf(port, { body, size, onSent: (bytes) => most = bytes })
      const posting = yield* Effect.forkChild(nodeUploads.post(request))
      yield* until(Effect.sync(() => begun && most > 0))
      yield* turns(5_000)
      assert.isAtMost(most, 64 * mib)
      yield* Fiber.interrupt(posting)
    }).pipe(Effect.scoped))
})
