/** Files from client to client, over real sockets and through a line that breaks. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Option } from "effect"
import { randomBytes } from "node:crypto"
import type { ClientError } from "../../src/client/ClientError.ts"
import { connect } from "../../src/client/connect.ts"
import { connect as connectInNode } from "../../src/client/node.ts"
import type { ChatEvent, Credentials, LogEvent } from "../../src/client/types.ts"
import type { UploadedFile, UploadProgress } from "../../src/client/Upload.ts"
import { FileId, UserId } from "../../src/domain/Ids.ts"
import { FileStore } from "../../src/services/files/FileStore.ts"
import { fileRecords } from "../support/fileApi.ts"
import { includes } from "../support/includes.ts"
import { moodyFiles } from "../support/moodyFiles.ts"
import { runCommand, startServer } from "../support/ServerProcess.ts"
import { tcpProxy } from "../support/tcpProxy.ts"
import { served, type TestServerOptions } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const mib = 1_048_576

const on = (): TestServerOptions => ({ files: moodyFiles().layer })

const phone = (user: string): Credentials => ({ _tag: "PhoneNumber", user })
const urlOf = (port: number) => `ws://127.0.0.1:${port}/ws`
const eventually = (condition: () => boolean) => until(Effect.sync(condition))

/** What somebody sees of the log, as it comes to them. */
const logOf = (events: ReadonlyArray<ChatEvent>): ReadonlyArray<LogEvent> =>
  events.flatMap((event) =>
    event.type === "accepted" || event.type === "own"
      ? [event.pushed]
      : "seq" in event && event.type !== "message_reported"
      ? [event]
      : []
  )

/** All that a server has of somebody's files: what is recorded, and what is kept of everybody. */
const left = Effect.gen(function*() {
  const usage = yield* (yield* fileRecords).usage(UserId.make("alice"))
  const { files } = yield* Option.getOrThrow(yield* Effect.serviceOption(FileStore)).list({ limit: 100 })
  return { ...usage, kept: files.length }
})
const nothing = { files: 0, bytes: 0, kept: 0 }

const isLeft = (expected: { readonly files: number; readonly kept: number }) =>
  until(Effect.map(left, ({ files, kept }) => files === expected.files && kept === expected.kept))

/** A stream that stands still once so much of it was read. */
const halting = (size: number) => {
  let read = 0
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (read < size) controller.enqueue(new Uint8Array(65_536))
      read += 65_536
      return read > size ? new Promise(() => {}) : Promise.resolve()
    }
  })
}

const failureOf = (promise: Promise<unknown>) =>
  Effect.promise(() => promise.then(() => undefined, (error: unknown) => error as ClientError))

for (const [name, connectHere] of [["fetch", connect], ["node:http", connectInNode]] as const) {
  describe(`files, over ${name}`, () => {
    served(
      "go from one to another, with all that is known of them; edits keep them and deletes take them",
      function*(port) {
        const alice = connectHere({ url: urlOf(port), credentials: phone("alice"), device: "a" })
        const bob = connectHere({ url: urlOf(port), credentials: phone("bob"), device: "b" })
        const [mine, theirs]: [Array<ChatEvent>, Array<ChatEvent>] = [[], []]
        alice.onEvent((event) => mine.push(event))
        bob.onEvent((event) => theirs.push(event))
        const bytes = randomBytes(2 * mib)
        const progress: Array<UploadProgress> = []
        const uploaded = yield* Effect.promise(() =>
          alice.upload(new File([bytes], "Grüße.png", { type: "image/png" }), {
            onProgress: (each) => progress.push(each)
          })
        )
        includes(uploaded, { name: "Grüße.png", type: "image/png", size: 2 * mib })
        assert.deepStrictEqual(progress[0], { attempt: 1, sent: 0, total: 2 * mib })

        const { seq } = yield* Effect.promise(() =>
          alice.send({ recipient: "bob" }, "", {
            attachments: [{ ...uploaded, width: 10, height: 20, preview: "AAAA" }]
          })
        )
        yield* eventually(() => logOf(theirs).length === 1)
        const [pushed] = logOf(theirs)
        assert.deepStrictEqual(logOf(mine), [pushed!])
        const file = pushed?.type === "incoming_message" ? pushed.attachments?.[0] : undefined
        includes(file, { name: "Grüße.png", type: "image/png", size: 2 * mib, width: 10, height: 20, preview: "AAAA" })
        const address = bob.fileUrl(file!)!
        const down = yield* Effect.promise(() => fetch(address).then((response) => response.arrayBuffer()))
        assert.isTrue(bytes.equals(new Uint8Array(down)))

        yield* Effect.promise(() => alice.edit({ recipient: "bob" }, seq, "look"))
        const shown = Effect.map(
          Effect.promise(() => bob.history({ recipient: "alice" }, { after: seq - 1, limit: 1 })),
          ({ messages }) => messages[0]!
        )
        includes(yield* shown, { text: "look", attachments: [file] })
        yield* Effect.promise(() => alice.delete({ recipient: "bob" }, seq))
        assert.notProperty(yield* shown, "attachments")
        assert.strictEqual((yield* Effect.promise(() => fetch(address))).status, 404)
        yield* Effect.promise(() => Promise.all([alice.close(), bob.close()]))
      },
      on()
    )

    served("cancelled in the middle, nothing of it stays", function*(port) {
      const alice = connectHere({ url: urlOf(port), credentials: phone("alice") })
      const controller = new AbortController()
      const { signal } = controller
      const uploading = alice.upload(halting(mib), { signal })
      yield* until(Effect.map(left, ({ files }) => files === 1))
      controller.abort()
      includes(yield* failureOf(uploading), { _tag: "ClientError", reason: "cancelled" })
      yield* isLeft({ files: 0, kept: 0 })
      assert.deepStrictEqual(yield* left, nothing)
      includes(yield* failureOf(alice.upload(new Blob(["x"]), { signal })), { reason: "cancelled" })
      yield* Effect.promise(() => alice.close())
    }, on())

    const slow = moodyFiles()
    served("a line that breaks in the middle: begun again, said so, and there is one file", function*(port) {
      const goOn = Deferred.makeUnsafe<void>()
      slow.mood.gate = Effect.suspend(() => slow.coming() > mib ? Deferred.await(goOn) : Effect.void)
      const proxy = yield* tcpProxy({ host: "127.0.0.1", port })
      const alice = connectHere({ url: urlOf(proxy.port), credentials: phone("alice"), device: "a" })
      const bytes = randomBytes(20 * mib)
      const progress: Array<UploadProgress> = []
      const uploading = alice.upload(new Blob([bytes]), { name: "large", onProgress: (each) => progress.push(each) })
      yield* eventually(() => slow.coming() > mib)
      proxy.refuse()
      yield* eventually(() => progress.some(({ attempt }) => attempt > 1))
      Deferred.doneUnsafe(goOn, Effect.void)
      proxy.pass()
      const uploaded: UploadedFile = yield* Effect.promise(() => uploading)
      includes(progress.at(-1), { reason: "the connection broke" })
      yield* isLeft({ files: 1, kept: 1 })
      includes(yield* (yield* fileRecords).get(FileId.make(uploaded.file)), { state: "ready", size: 20 * mib })
      yield* Effect.promise(() => alice.close())
    }, { files: slow.layer })

    served("a stream that breaks in the middle fails, and leaves nothing", function*(port) {
      const proxy = yield* tcpProxy({ host: "127.0.0.1", port })
      const alice = connectHere({ url: urlOf(proxy.port), credentials: phone("alice") })
      const uploading = alice.upload(halting(mib))
      yield* until(Effect.map(left, ({ files }) => files === 1))
      proxy.refuse()
      const error = yield* failureOf(uploading)
      includes(error, { reason: "upload" })
      assert.include(error?.message, "cannot be read again")
      yield* isLeft({ files: 0, kept: 0 })
      yield* Effect.promise(() => alice.close())
    }, on())

    served("what the server does not take is its sentence", function*(port) {
      const alice = connectHere({ url: urlOf(port), credentials: phone("alice") })
      yield* Effect.promise(() => alice.conversations())
      const refused = (...args: Parameters<typeof alice.upload>) => failureOf(alice.upload(...args))
      includes(yield* refused(new Blob(["x".repeat(1_000_001)])), {
        code: 413,
        message: "A file may have 1 MB; send a smaller one."
      })
      const large = new Blob([new Uint8Array(2 * mib)]).stream() as ReadableStream<Uint8Array>
      includes(yield* refused(large), { code: 413, message: "A file may have 1 MB; send a smaller one." })
      const name = yield* refused(new Blob(["x"]), { name: "../x" })
      includes(name, { reason: "upload", code: 400 })
      assert.match(name!.message, /^Give the file a name of 1 to 255 characters/)
      includes(yield* refused(new Blob(["x"]), { type: "a type" }), { code: 400 })
      yield* Effect.promise(() => alice.upload(new Blob(["x".repeat(900_000)])))
      const full = yield* refused(new Blob(["x".repeat(900_000)]))
      includes(full, { code: 507 })
      assert.match(full!.message, /^Your files may have/)
      yield* Effect.promise(() => alice.close())
    }, { ...on(), settings: { maxFileBytes: 1_000_000, maxFileBytesPerUser: 1_500_000 } })

    served("a server without files says so", function*(port) {
      const alice = connectHere({ url: urlOf(port), credentials: phone("alice") })
      const error = yield* failureOf(alice.upload(new Blob(["x"])))
      includes(error, { reason: "upload", code: 501 })
      assert.match(error!.message, /^This server takes no files/)
      yield* Effect.promise(() => alice.close())
    })

    served("with a ticket of its own", function*(port) {
      const ticket = () =>
        fetch(`http://127.0.0.1:${port}/v1/tickets`, {
          method: "POST",
          headers: { "Phone-Number": "alice", "content-type": "application/json" },
          body: JSON.stringify({ device: "page" })
        }).then((response) => response.json() as Promise<{ ticket: string }>).then((body) => body.ticket)
      const alice = connectHere({ url: urlOf(port), credentials: { _tag: "Ticket", ticket }, device: "page" })
      includes(yield* Effect.promise(() => alice.upload(new Uint8Array([1, 2, 3]), { name: "a" })), {
        name: "a",
        size: 3
      })
      yield* Effect.promise(() => alice.close())
    }, on())
  })
}

describe("files, as people have their server", () => {
  it.live("under a path, with a token: up, said, and down again", () =>
    Effect.gen(function*() {
      const env = { SWITCHBOARD_JWT_SECRET: "a secret that is longer than thirty-two bytes" }
      const args = ["--store", "memory", "--auth", "jwt", "--base-path", "/chat"]
      const { port } = yield* startServer(args, env)
      const token = (yield* runCommand(["token", "--user", "alice"], env)).output.trim()
      const url = `ws://127.0.0.1:${port}/chat/ws`
      const alice = connectInNode({ url, credentials: { _tag: "Token", token: () => token } })
      const file = yield* Effect.promise(() => alice.upload(new Blob(["a plan"]), { name: "plan.txt" }))
      const to = { recipient: "bob" }
      const { seq } = yield* Effect.promise(() => alice.send(to, "", { attachments: [file] }))
      const { messages } = yield* Effect.promise(() => alice.history(to, { after: seq - 1 }))
      const entry = messages[0]
      const address = alice.fileUrl((entry?.kind === "text" ? entry.attachments?.[0] : undefined)!)!
      assert.include(address, `http://127.0.0.1:${port}/chat/v1/files/`)
      assert.strictEqual(yield* Effect.promise(() => fetch(address).then((got) => got.text())), "a plan")
      yield* Effect.promise(() => alice.close())
    }).pipe(Effect.scoped))
})
