/** What a client says of what it was sent: free where it can be no flood, as dear as any frame where it can. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { ConversationId, DeviceId, MessageId, UserId } from "../../src/domain/Ids.ts"
import * as ActorScheduler from "../../src/services/kernel/ActorScheduler.ts"
import { moveIntervalMillis } from "../../src/services/persistence/CursorBatcher.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, settle, startUser } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { until } from "../support/until.ts"

const conversation = ConversationId.make("dm:alice:bob")

const fill = Effect.fnUntraced(function*(count: number) {
  const store = yield* MessageStore
  for (let from = 0; from < count; from += 1_000) {
    yield* store.commit(
      Array.from({ length: Math.min(1_000, count - from) }, (_, i) => ({
        kind: "text" as const,
        conversation,
        sender: UserId.make("alice"),
        clientId: undefined,
        messageId: MessageId.make(`m${from + i}`),
        at: 0,
        text: "x",
        replyTo: undefined
      })),
      []
    )
  }
})

const join = Effect.fnUntraced(function*(level: "plain" | "v1" = "v1") {
  const { connection } = yield* startUser("bob", { level, device: "new" })
  yield* settle
  return connection
})

const heard = (connection: MemoryConnection) =>
  connection.written.filter(({ type }) => type === "incoming_message").length

/** In pieces, as a socket reads them. */
const sayAll = Effect.fnUntraced(function*(connection: MemoryConnection, frames: ReadonlyArray<object>) {
  for (let i = 0; i < frames.length; i++) {
    connection.receive(frames[i]!)
    if (i % 50 === 49) yield* Effect.yieldNow
  }
  yield* settle
})

const errors = (connection: MemoryConnection) =>
  connection.written.flatMap((frame) => frame.type === "error" ? [[frame.id, frame.code]] : [])

const pass = Effect.gen(function*() {
  for (let i = 0; i < 100; i++) {
    yield* TestClock.adjust(moveIntervalMillis / 50)
    yield* settle
  }
})

/** How many moves each commit had. */
const counting = (sizes: Array<number>) =>
  Layer.effect(
    MessageStore,
    Effect.map(MessageStore, (store) => ({
      ...store,
      commit: (appends: Parameters<typeof store.commit>[0], moves: Parameters<typeof store.commit>[1]) => {
        if (moves.length > 0) sizes.push(moves.length)
        return store.commit(appends, moves)
      }
    }))
  ).pipe(Layer.provide(MemoryMessageStore.layer()))

/** A store that keeps as much as a disk would. */
const long = MemoryMessageStore.layer({ keep: 20_000 })

describe("confirmations", () => {
  const up = Array.from({ length: 16_000 }, (_, i) => i + 1)

  for (const [order, seqs] of [["rising", up], ["falling", up.toReversed()]] as const) {
    it.effect(`16,000 waiting messages are confirmed and read one by one, in ${order} order, by default limits`, () =>
      Effect.gen(function*() {
        yield* fill(up.length)
        const bob = yield* join()
        yield* until(Effect.sync(() => heard(bob) === up.length))
        yield* sayAll(bob, seqs.map((up_to) => ({ type: "received", conversation, up_to })))
        yield* sayAll(bob, seqs.map((up_to) => ({ type: "read", conversation, up_to })))
        yield* pass
        assert.deepStrictEqual([errors(bob), bob.closedWith], [[], undefined])
        const store = yield* MessageStore
        const user = UserId.make("bob")
        const { items } = yield* store.conversations({ user, device: DeviceId.make("new"), limit: 1 })
        assert.deepStrictEqual([items[0]?.received, items[0]?.read], [16_000, 16_000])
      }).pipe(Effect.provide(actors({}, long))))
  }

  it.effect("P9 what is not there costs a frame each, and the store no more than a few with each commit", () => {
    const sizes: Array<number> = []
    return Effect.gen(function*() {
      const bob = yield* join()
      for (const type of ["received", "read"]) {
        yield* sayAll(bob, Array.from({ length: 600 }, (_, i) => ({ type, conversation: `dm:bob:x${i}`, up_to: 1 })))
      }
      yield* pass
      // Each commit of a round has a turn of the event loop to itself.
      yield* Effect.repeat(ActorScheduler.nextTurn, { times: 200 })
      const all = sizes.reduce((sum, size) => sum + size, 0)
      assert.isAtMost(all, 1_000)
      assert.isAtMost(Math.max(...sizes), 32)
      assert.strictEqual(errors(bob).filter(([, code]) => code === "not_found").length, all)
      assert.isAbove(errors(bob).filter(([, code]) => code === "rate_limited").length, 0)
    }).pipe(Effect.provide(actors({}, counting(sizes))))
  })

  it.effect("P9 the right to confirm what was pushed buys nothing else", () =>
    Effect.gen(function*() {
      yield* fill(900)
      const bob = yield* join()
      yield* until(Effect.sync(() => heard(bob) === 900))
      // Free at first, paid when they are refused.
      yield* sayAll(
        bob,
        Array.from({ length: 900 }, (_, i) => ({ type: "received", conversation: `dm:bob:x${i}`, up_to: 1 }))
      )
      yield* TestClock.adjust(moveIntervalMillis)
      yield* settle
      yield* until(Effect.sync(() => errors(bob).filter(([, code]) => code === "not_found").length === 900))
      yield* sayAll(bob, Array.from({ length: 600 }, () => ({ type: "ping" })))
      assert.isAbove(errors(bob).filter(([, code]) => code === "rate_limited").length, 0)
    }).pipe(Effect.provide(actors())))

  for (const type of ["received", "read"]) {
    it.effect(`${type}: each is judged by itself, and the one that is refused is named`, () =>
      Effect.gen(function*() {
        yield* fill(5)
        const bob = yield* join()
        yield* sayAll(bob, [
          { type, conversation, up_to: 2, id: "two" },
          { type, conversation, up_to: 999, id: "too far" },
          { type, conversation: "dm:bob:nobody", up_to: 1, id: "nobody" },
          { type, conversation, up_to: 1_000_000, id: "much too far" },
          { type, conversation, up_to: 4, id: "four" },
          { type, conversation, up_to: 3 }
        ])
        yield* pass
        assert.sameDeepMembers<unknown>(errors(bob), [
          ["too far", "invalid_frame"],
          ["much too far", "invalid_frame"],
          ["nobody", "not_found"]
        ])
        const store = yield* MessageStore
        const user = UserId.make("bob")
        const { items } = yield* store.conversations({ user, device: DeviceId.make("new"), limit: 1 })
        assert.strictEqual(items[0]?.[type as "read"], 4)
      }).pipe(Effect.provide(actors())))
  }

  it.effect("what a plain client is sent counts as received, and it may say what it has read", () =>
    Effect.gen(function*() {
      yield* fill(2_000)
      const bob = yield* join("plain")
      yield* until(Effect.sync(() => heard(bob) === 2_000))
      yield* sayAll(bob, up.slice(0, 2_000).map((up_to) => ({ type: "read", conversation, up_to })))
      yield* pass
      assert.deepStrictEqual(errors(bob), [])
      const store = yield* MessageStore
      const user = UserId.make("bob")
      const { items } = yield* store.conversations({ user, device: DeviceId.make("new"), limit: 1 })
      assert.deepStrictEqual([items[0]?.received, items[0]?.read], [2_000, 2_000])
    }).pipe(Effect.provide(actors({}, long))))
})
