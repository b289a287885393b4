/** Files on their way to a server that the test plays: order, progress, what is begun again and what is not. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Random, type Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { UploadProgress } from "../../src/client/Upload.ts"
import type { UploadContent } from "../../src/client/UploadContent.ts"
import { Uploads } from "../../src/client/Uploads.ts"
import { includes } from "../support/includes.ts"
import { due, type Stage, type StageOptions, start } from "../support/ScriptedServer.ts"
import { type ScriptedUploads, scriptedUploads, uploaded } from "../support/ScriptedUploads.ts"

/** What reads a Blob is the platform's, and comes when the event loop has turned. */
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
const settle = Effect.andThen(Effect.repeat(turn, { times: 5 }), due)

const bytes = new Uint8Array([1, 2, 3])

interface UploadStage extends Stage {
  readonly uploads: ScriptedUploads
}

const stage = Effect.fnUntraced(
  function*(options: StageOptions = {}): Effect.fn.Return<UploadStage, never, Scope.Scope> {
    const uploads = scriptedUploads()
    const on = yield* start(options).pipe(Effect.provideService(Uploads, uploads))
    return { ...on, uploads }
  }
)

const streamed = (content: Uint8Array = bytes) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(content)
      controller.close()
    }
  })

describe("upload", () => {
  it.effect("posts beside the socket, with the client's credentials, name and type, and answers what the server says", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage({ url: "wss://example.com/chat/ws?x=1" })
      const uploading = yield* Effect.forkChild(
        client.upload(new File([bytes], "grüße & so.png", { type: "image/png" }))
      )
      yield* settle
      const { request } = uploads.last()
      assert.strictEqual(request.url, "https://example.com/chat/v1/files?name=gr%C3%BC%C3%9Fe%20%26%20so.png")
      assert.deepStrictEqual(request.headers, { "Phone-Number": "alice", "content-type": "image/png" })
      assert.strictEqual(request.size, 3)
      assert.deepStrictEqual(yield* uploads.last().bytes, bytes)
      uploads.last().answer(201, { ...uploaded(), held: true, more: 1 })
      assert.deepStrictEqual(yield* Fiber.join(uploading), { ...uploaded(), held: true })
    }).pipe(Effect.scoped))

  it.effect("a token is a header, a ticket is in the address with the device that it is for; both are fresh for each attempt", () =>
    Effect.gen(function*() {
      let count = 0
      const secret = () => `s${++count}`
      const token = yield* stage({ credentials: { _tag: "Token", token: secret } })
      yield* Effect.forkChild(token.client.upload(bytes))
      yield* settle
      assert.strictEqual(token.uploads.last().request.headers["Authorization"], `Bearer s${count}`)

      const ticket = yield* stage({ credentials: { _tag: "Ticket", ticket: secret }, device: "phone" })
      yield* Effect.forkChild(ticket.client.upload(bytes))
      yield* settle
      const url = new URL(ticket.uploads.last().request.url)
      assert.deepStrictEqual(Object.fromEntries(url.searchParams), {
        name: "file",
        device: "phone",
        ticket: `s${count}`
      })
      const before = count
      ticket.uploads.last().break()
      yield* settle
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.strictEqual(ticket.uploads.posts.length, 2)
      assert.strictEqual(new URL(ticket.uploads.last().request.url).searchParams.get("ticket"), `s${before + 1}`)
    }).pipe(Effect.scoped))

  const kinds: ReadonlyArray<readonly [string, () => UploadContent, size: number | undefined]> = [
    ["a Blob", () => new Blob([bytes]), 3],
    ["bytes", () => bytes, 3],
    ["a source", () => ({ open: () => Promise.resolve(new Blob([bytes])) }), 3],
    ["a ReadableStream", () => streamed(), undefined],
    ["an iterable", () => Stream.toAsyncIterable(Stream.make(bytes)), undefined],
    ["a Stream", () => Stream.make(bytes), undefined]
  ]
  for (const [name, make, size] of kinds) {
    it.effect(`${name} is sent whole${size === undefined ? "" : ", and again from its beginning when the line breaks"}`, () =>
      Effect.gen(function*() {
        const { client, uploads } = yield* stage()
        const progress: Array<UploadProgress> = []
        const onProgress = (each: UploadProgress) => progress.push(each)
        const uploading = yield* Effect.forkChild(Effect.exit(client.upload(make(), { onProgress })))
        yield* settle
        assert.deepStrictEqual([uploads.last().request.size, yield* uploads.last().bytes], [size, bytes])
        uploads.last().request.onSent(3)
        uploads.last().break()
        yield* settle
        yield* TestClock.adjust("1 second")
        yield* settle
        const total = size === undefined ? {} : { total: size }
        const reason = "the connection broke"
        const first = [{ attempt: 1, sent: 0, ...total }, { attempt: 1, sent: 3, ...total }]
        const second = { attempt: 2, sent: 0, ...total, reason }
        if (size === undefined) {
          assert.isTrue(Exit.isFailure(yield* Fiber.join(uploading)))
          assert.deepStrictEqual(progress, first)
          assert.strictEqual(uploads.posts.length, 1)
          return
        }
        assert.deepStrictEqual(progress, [...first, second, second])
        assert.deepStrictEqual(yield* uploads.last().bytes, bytes)
        uploads.last().take()
        assert.deepStrictEqual(yield* Fiber.join(uploading), Exit.succeed(uploaded()))
      }).pipe(Effect.scoped))
  }

  it.effect("a stream of which nothing was read yet goes again", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage()
      const uploading = yield* Effect.forkChild(client.upload(streamed()))
      yield* settle
      uploads.last().break()
      yield* settle
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.deepStrictEqual(yield* uploads.last().bytes, bytes)
      uploads.last().take()
      assert.deepStrictEqual(yield* Fiber.join(uploading), uploaded())
    }).pipe(Effect.scoped))

  for (const [said, sentence] of [[2, "more than the 2 bytes"], [4, "after 3 of the 4 bytes"]] as const) {
    it.effect(`a stream of three bytes that was said to have ${said} fails`, () =>
      Effect.gen(function*() {
        const { client, uploads } = yield* stage()
        const uploading = yield* Effect.forkChild(Effect.flip(client.upload(streamed(), { size: said })))
        yield* settle
        yield* Effect.exit(uploads.last().bytes)
        uploads.last().break()
        assert.include((yield* Fiber.join(uploading)).message, sentence)
      }).pipe(Effect.scoped))
  }

  it.effect("what cannot be read fails with why, and is not tried again", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage()
      const error = yield* Effect.flip(client.upload({ open: () => Promise.reject(new Error("it is a folder")) }))
      includes(error, { _tag: "ClientError", reason: "upload", message: "The file cannot be read: it is a folder." })
      assert.isEmpty(uploads.posts)
    }).pipe(Effect.scoped))

  for (
    const [status, detail] of [
      [400, "Give the file a name."],
      [413, "A file may have 26.2 MB; send a smaller one."],
      [422, "The file has a virus."],
      [501, "This server takes no files."],
      [507, "Your files may have 1 GB together."]
    ] as const
  ) {
    it.effect(`${status} fails with the server's sentence`, () =>
      Effect.gen(function*() {
        const { client, uploads } = yield* stage()
        const uploading = yield* Effect.forkChild(Effect.flip(client.upload(bytes)))
        yield* settle
        uploads.last().refuse(status, detail)
        const error = yield* Fiber.join(uploading)
        includes(error, { _tag: "ClientError", reason: "upload", message: detail, code: status })
      }).pipe(Effect.scoped))
  }

  it.effect("what is larger than the server takes is not sent", () =>
    Effect.gen(function*() {
      const { client, server, uploads } = yield* stage()
      yield* server.welcome
      const large = new Blob([new Uint8Array(26_214_401)])
      includes(yield* Effect.flip(client.upload(large)), {
        code: 413,
        message: "A file may have 26.2 MB; send a smaller one."
      })
      assert.isEmpty(uploads.posts)
    }).pipe(Effect.scoped))

  for (const status of [429, 503]) {
    it.effect(`${status} is waited for, as long as it says`, () =>
      Effect.gen(function*() {
        const { client, uploads } = yield* stage()
        const uploading = yield* Effect.forkChild(client.upload(bytes))
        yield* settle
        uploads.last().refuse(status, "Later.", "7")
        yield* settle
        yield* TestClock.adjust("6900 millis")
        yield* settle
        assert.strictEqual(uploads.posts.length, 1)
        yield* TestClock.adjust("4 seconds")
        yield* settle
        assert.strictEqual(uploads.posts.length, 2)
        uploads.last().take()
        yield* Fiber.join(uploading)
      }).pipe(Effect.scoped))
  }

  it.effect("a token that expired on its way is asked for once more, and a second refusal is one", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage({ credentials: { _tag: "Token", token: () => "t" } })
      const uploading = yield* Effect.forkChild(Effect.flip(client.upload(bytes)))
      yield* settle
      uploads.last().refuse(401, "Expired.")
      yield* settle
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.strictEqual(uploads.posts.length, 2)
      uploads.last().refuse(401, "Expired.")
      includes(yield* Fiber.join(uploading), { reason: "upload", code: 401, message: "Expired." })
    }).pipe(Effect.scoped))

  it.effect("a new connection ends the wait for the next attempt", () =>
    Effect.gen(function*() {
      const { client, server, uploads } = yield* stage()
      yield* Effect.forkChild(client.upload(bytes))
      yield* settle
      // The first wait is half a second, the second a whole one.
      uploads.last().break()
      yield* settle
      yield* TestClock.adjust("500 millis")
      yield* settle
      uploads.last().break()
      yield* settle
      assert.strictEqual(uploads.posts.length, 2)
      yield* server.welcome
      yield* settle
      assert.strictEqual(uploads.posts.length, 3)
    }).pipe(Effect.provideService(Random.Random, { nextDoubleUnsafe: () => 1, nextIntUnsafe: () => 0 }), Effect.scoped))

  it.effect("a line on which nothing moves is left", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage()
      yield* Effect.forkChild(client.upload(bytes))
      yield* settle
      uploads.last().request.onSent(2)
      yield* TestClock.adjust("61 seconds")
      yield* settle
      assert.isTrue(uploads.posts[0]!.abandoned)
      assert.strictEqual(uploads.posts.length, 2)
    }).pipe(Effect.scoped))

  it.effect("three go at once and the others in order; one that waits or goes can be cancelled", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage()
      const names = ["a", "b", "c", "d", "e", "f"]
      const fibers = yield* Effect.forEach(names, (name) => Effect.forkChild(client.upload(bytes, { name })))
      yield* settle
      const begun = () => uploads.posts.map(({ request }) => new URL(request.url).searchParams.get("name"))
      assert.deepStrictEqual(begun(), ["a", "b", "c"])
      yield* Fiber.interrupt(fibers[3]!)
      yield* Fiber.interrupt(fibers[1]!)
      yield* settle
      assert.isTrue(uploads.posts[1]!.abandoned)
      assert.deepStrictEqual(begun(), ["a", "b", "c", "e"])
      uploads.posts[0]!.take()
      yield* settle
      assert.deepStrictEqual(begun(), ["a", "b", "c", "e", "f"])
    }).pipe(Effect.scoped))

  it.effect("a client that closes ends its uploads, those that wait too, and takes no more", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage()
      const all = yield* Effect.forkChild(
        Effect.forEach(["a", "b", "c", "d"], (name) => Effect.flip(client.upload(bytes, { name })), {
          concurrency: "unbounded"
        })
      )
      yield* settle
      yield* client.close
      for (const error of yield* Fiber.join(all)) includes(error, { _tag: "ClientError", reason: "closed" })
      assert.deepStrictEqual(uploads.posts.map(({ abandoned }) => abandoned), [true, true, true])
      includes(yield* Effect.flip(client.upload(bytes)), { reason: "closed" })
      assert.strictEqual(uploads.posts.length, 3)
    }).pipe(Effect.scoped))

  it.effect("a listener that throws stops no upload", () =>
    Effect.gen(function*() {
      const { client, uploads } = yield* stage()
      const onProgress = () => {
        throw new Error("a mistake of the application")
      }
      const uploading = yield* Effect.forkChild(client.upload(bytes, { onProgress }))
      yield* settle
      uploads.last().take()
      assert.deepStrictEqual(yield* Fiber.join(uploading), uploaded())
    }).pipe(Effect.scoped))
})

describe("fileUrl", () => {
  it.effect("is beside the socket, whatever the server's path is", () =>
    Effect.gen(function*() {
      const { client } = yield* stage({ url: "wss://example.com/chat/ws" })
      assert.strictEqual(
        client.fileUrl({ url: "/chat/v1/files/f1/a.png?expires=1&signature=x" }),
        "https://example.com/chat/v1/files/f1/a.png?expires=1&signature=x"
      )
      assert.isUndefined(client.fileUrl({}))
    }).pipe(Effect.scoped))
})
