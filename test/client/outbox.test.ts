/** What was said and not answered survives the program, on each of the storages. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { appendFileSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileOutbox } from "../../src/client/fileOutbox.ts"
import {
  isPending,
  type KeyValue,
  localStorageOutbox,
  memoryOutbox,
  type OutboxStorage
} from "../../src/client/OutboxStorage.ts"
import type { ChatEvent, PendingMessage, SentFile } from "../../src/client/types.ts"
import type { JsonObject } from "../../src/domain/entries/MessageData.ts"
import { includes } from "../support/includes.ts"
import { due, start } from "../support/ScriptedServer.ts"
import { temporaryDirectory } from "../support/stores.ts"

const bob = { recipient: "bob" }

/** `localStorage` for a test. */
const fakeStorage = (): KeyValue => {
  const values = new Map<string, string>()
  return {
    get length() {
      return values.size
    },
    key: (index) => Array.from(values.keys())[index] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key)
  }
}

/** For storages that answer promises. */
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

const message = (id: string, at: number): PendingMessage => ({ id, target: bob, text: `text of ${id}`, at })

/** A client that runs until its scope closes, as a program does. */
const program = Effect.fnUntraced(function*(outbox: OutboxStorage) {
  const scope = yield* Scope.make()
  const { client, events, server } = yield* start({ outbox }).pipe(Scope.provide(scope))
  return { client, events, server, stop: Scope.close(scope, Exit.void) }
})

const storages: ReadonlyArray<readonly [string, (directory: string) => () => OutboxStorage]> = [
  ["memory", () => {
    const storage = memoryOutbox()
    return () => storage
  }],
  ["localStorage", () => {
    const storage = fakeStorage()
    return () => localStorageOutbox("outbox:alice", storage)
  }],
  ["file", (directory) => () => fileOutbox(join(directory, "outbox"))],
  ["promises", () => {
    const storage = memoryOutbox()
    return () => ({
      load: () => Promise.resolve(storage.load()),
      put: (message) => Promise.resolve(storage.put(message)),
      remove: (id) => Promise.resolve(storage.remove(id))
    })
  }]
]

describe("the outbox", () => {
  for (const [name, make] of storages) {
    it.effect(`${name}: what had no answer is said after a restart, under the same id and in the same order`, () =>
      Effect.gen(function*() {
        const open = make(yield* temporaryDirectory)
        const first = yield* program(open())
        for (const text of ["one", "two", "three"]) yield* Effect.forkChild(Effect.ignore(first.client.send(bob, text)))
        yield* turn
        yield* due
        yield* first.server.welcome
        const one = first.server.last().take("chat_message")
        first.server.last().accept(one, 1)
        yield* due
        const two = first.server.last().take("chat_message")
        yield* turn
        yield* first.stop

        const second = yield* program(open())
        yield* turn
        yield* due
        assert.deepStrictEqual((yield* second.client.pending).map(({ text }) => text), ["two", "three"])
        yield* second.server.welcome
        assert.deepStrictEqual(second.server.last().said, [two])
        second.server.last().accept(second.server.last().take("chat_message"), 2)
        yield* due
        second.server.last().accept(second.server.last().take("chat_message"), 3)
        yield* due
        yield* turn
        assert.isEmpty(yield* Effect.promise(() => Promise.resolve(open().load())))
        assert.deepStrictEqual(second.events.map(({ type }) => type), ["pending", "pending", "accepted", "accepted"])
        yield* second.stop
      }).pipe(Effect.scoped))
  }

  for (const [name, make] of storages) {
    it.effect(`P3 ${name}: mentions and data are kept with the message, as they were given`, () =>
      Effect.gen(function*() {
        const open = make(yield* temporaryDirectory)
        const first = yield* program(open())
        const words = {
          mentions: ["bob"],
          data: JSON.parse("{\"b\":[1,{}],\"__proto__\":null,\"a\":\"ä\"}") as JsonObject
        }
        yield* Effect.forkChild(Effect.ignore(first.client.send(bob, "", words)))
        yield* turn
        yield* due
        yield* first.server.welcome
        const said = first.server.last().take("chat_message")
        assert.strictEqual(
          JSON.stringify([said["mentions"], said["data"]]),
          JSON.stringify([words.mentions, words.data])
        )
        yield* first.stop

        const second = yield* program(open())
        yield* turn
        yield* due
        yield* second.server.welcome
        assert.strictEqual(JSON.stringify(second.server.last().said), JSON.stringify([said]))
        second.server.last().accept(second.server.last().take("chat_message"), 1)
        yield* due
        yield* turn
        const accepted = second.events.at(-1)
        assert.isTrue(accepted?.type === "accepted")
        // As the others are pushed it.
        if (accepted?.type === "accepted") includes(accepted.pushed, { ...words, type: "incoming_message" })
        yield* second.stop
      }).pipe(Effect.scoped))
  }

  it("what another program left there is no message", () => {
    const good = message("a", 1)
    for (const words of [{ mentions: ["bob"] }, { data: {} }]) assert.isTrue(isPending({ ...good, ...words }))
    for (const words of [{ mentions: "bob" }, { mentions: [1] }, { data: [] }, { data: null }, { data: "x" }]) {
      assert.isFalse(isPending({ ...good, ...words }))
    }
  })

  it.effect("a message that cannot be kept is not sent, and whoever sent it is told", () =>
    Effect.gen(function*() {
      const { client, events, server, stop } = yield* program({
        ...memoryOutbox(),
        put: () => {
          throw new Error("the disk is full")
        }
      })
      const sending = yield* Effect.forkChild(Effect.flip(client.send(bob, "hello")))
      yield* due
      yield* server.welcome
      includes(yield* Fiber.join(sending), { _tag: "ClientError", reason: "storage" })
      yield* due
      assert.isEmpty(server.last().said)
      includes(events.at(-1), { type: "failed", code: "storage" })
      yield* stop
    }))

  it.effect("one id is one message, however often it is sent", () =>
    Effect.gen(function*() {
      const { client, server, stop } = yield* program(memoryOutbox())
      yield* server.welcome
      const both = yield* Effect.forkChild(
        Effect.all([client.send(bob, "hello", { id: "1" }), client.send(bob, "hello", { id: "1" })], {
          concurrency: "unbounded"
        })
      )
      yield* due
      server.last().accept(server.last().take("chat_message"), 1)
      const [a, b] = yield* Fiber.join(both)
      assert.deepStrictEqual(a, b)
      assert.isEmpty(server.last().said)
      yield* stop
    }))
})

const picture = { file: "f1", name: "a.png", type: "image/png", size: 3, width: 4, height: 5, preview: "AAAA" }

/** The message as a page of the log shows it to everybody. */
const shown = {
  kind: "text",
  seq: 1,
  message_id: "m1",
  sender: "alice",
  at: 1,
  text: "look",
  attachments: [{ ...picture, url: "/v1/files/f1/a.png?signature=x" }]
}

/** As the application is told of them. */
const filesOf = (event: ChatEvent | undefined) =>
  event?.type === "pending"
    ? event.message.attachments
    : event?.type === "accepted" && event.pushed.type === "incoming_message"
    ? event.pushed.attachments
    : undefined

describe("a message with files", () => {
  /** Sends it and has it accepted; what its files are is asked for and not answered. */
  const accepted = Effect.fnUntraced(function*(attachments: ReadonlyArray<SentFile>) {
    const on = yield* program(memoryOutbox())
    yield* on.server.welcome
    const sending = yield* Effect.forkChild(on.client.send(bob, "look", { attachments }))
    yield* due
    const said = on.server.last().take("chat_message")
    on.server.last().accept(said, 1)
    yield* due
    return { ...on, said, sending }
  })

  it.effect("says of its files what the server does not know, and shows them as everybody sees them", () =>
    Effect.gen(function*() {
      const { client, events, said, sending, server, stop } = yield* accepted([
        { ...picture, sha256: "00" } as SentFile
      ])
      assert.deepStrictEqual(said["attachments"], [{ file: "f1", width: 4, height: 5, preview: "AAAA" }])
      assert.deepStrictEqual(filesOf(events[0]), [picture])
      assert.strictEqual((yield* client.pending).length, 1)
      includes(server.last().page(shown), { conversation: "dm:alice:bob", after: 0, limit: 1 })
      yield* due
      includes(yield* Fiber.join(sending), { seq: 1 })
      const { kind: _, ...entry } = shown
      const event = events[1]
      const pushed = event?.type === "accepted" ? event.pushed : undefined
      assert.deepStrictEqual<unknown>(pushed, { type: "incoming_message", conversation: "dm:alice:bob", ...entry })
      assert.isEmpty(yield* client.pending)
      yield* stop
    }))

  it.effect("does not wait for long to be shown: then it is as its sender knew it", () =>
    Effect.gen(function*() {
      const known = yield* accepted([picture])
      yield* TestClock.adjust("5 seconds")
      yield* due
      assert.deepStrictEqual(filesOf(known.events[1]), [picture])
      yield* known.stop

      const unknown = yield* accepted([{ file: "f1" }])
      unknown.server.last().refuse("history", "not_a_member")
      yield* due
      includes(unknown.events[1], { type: "accepted" })
      assert.isUndefined(filesOf(unknown.events[1]))
      yield* unknown.stop
    }))

  it.effect("may be empty otherwise", () =>
    Effect.gen(function*() {
      const { client, server, stop } = yield* program(memoryOutbox())
      yield* server.welcome
      yield* Effect.forkChild(client.send(bob, "", { attachments: [{ file: "f1" }] }))
      yield* due
      includes(server.last().take("chat_message"), { text: "", attachments: [{ file: "f1" }] })
      yield* stop
    }))

  for (const [name, make] of storages) {
    it.effect(`${name}: is said after a restart, with its files`, () =>
      Effect.gen(function*() {
        const open = make(yield* temporaryDirectory)
        const first = yield* program(open())
        yield* Effect.forkChild(Effect.ignore(first.client.send(bob, "look", { attachments: [picture] })))
        yield* turn
        yield* due
        yield* first.stop
        const second = yield* program(open())
        yield* turn
        yield* due
        assert.deepStrictEqual((yield* second.client.pending).map(({ attachments }) => attachments), [[picture]])
        yield* second.server.welcome
        includes(second.server.last().take("chat_message"), {
          attachments: [{ file: "f1", width: 4, height: 5, preview: "AAAA" }]
        })
        yield* second.stop
      }).pipe(Effect.scoped))
  }
})

describe("storages", () => {
  it("a message of before there were files is one still; one whose files are none is passed over", () => {
    assert.isTrue(isPending(message("a", 1)))
    assert.isTrue(isPending({ ...message("a", 1), attachments: [picture] }))
    assert.isFalse(isPending({ ...message("a", 1), attachments: [{ name: "a.png" }] }))
    assert.isFalse(isPending({ ...message("a", 1), attachments: "a.png" }))
  })

  it("localStorage: others' keys are left alone, broken values are passed over, the order is that of saying", () => {
    const storage = fakeStorage()
    storage.setItem("outbox:alicia:x", JSON.stringify(message("x", 1)))
    storage.setItem("outbox:alice:broken", "{")
    const outbox = localStorageOutbox("outbox:alice", storage)
    outbox.put(message("b", 2))
    outbox.put(message("a", 1))
    assert.deepStrictEqual(outbox.load(), [message("a", 1), message("b", 2)])
    outbox.remove("a")
    assert.deepStrictEqual(outbox.load(), [message("b", 2)])
    assert.strictEqual(storage.length, 3)
  })

  it.effect("file: a line that a crash cut short is passed over, and what was removed does not make it grow", () =>
    Effect.gen(function*() {
      const path = join(yield* temporaryDirectory, "outbox")
      const outbox = fileOutbox(path)
      assert.isEmpty(outbox.load())
      outbox.put(message("a", 1))
      outbox.put(message("b", 2))
      outbox.remove("a")
      appendFileSync(path, "{\"id\":\"c\",\"te")
      assert.deepStrictEqual(fileOutbox(path).load(), [message("b", 2)])
      assert.strictEqual(readFileSync(path, "utf8"), `${JSON.stringify(message("b", 2))}\n`)
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
    }).pipe(Effect.scoped))

  it.effect("file: a program that never ends does not fill its disk", () =>
    Effect.gen(function*() {
      const path = join(yield* temporaryDirectory, "outbox")
      const outbox = fileOutbox(path)
      outbox.load()
      outbox.put(message("waits", 0))
      for (let i = 1; i <= 5_000; i++) {
        outbox.put(message(`m${i}`, i))
        outbox.remove(`m${i}`)
      }
      assert.isBelow(statSync(path).size, 200_000)
      assert.deepStrictEqual(fileOutbox(path).load(), [message("waits", 0)])
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
    }).pipe(Effect.scoped))
})
