/** What a client says of what it was sent: free where it can be no flood, as dear as any frame where it can. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ConversationId, DeviceId, MessageId, UserId } from "../../src/domain/Ids.ts"
import * as ActorScheduler from "../../src/services/kernel/ActorScheduler.ts"
import { moveIntervalMillis } from "../../src/services/persistence/CursorBatcher.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, join, pass, settle, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { memoryWith } from "../support/stores.ts"
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

const heard = (connection: MemoryConnection) => connection.all("incoming_message").length

/** In pieces, as a socket reads them. */
const sayAll = Effect.fnUntraced(function*(connection: MemoryConnection, frames: ReadonlyArray<object>) {
  for (let i = 0; i < frames.length; i++) {
    connection.send(frames[i]!)
    if (i % 50 === 49) yield* Effect.yieldNow
  }
  yield* settle
})

const errors = (connection: MemoryConnection) =>
  connection.heard.flatMap((frame) => frame.type === "error" ? [[frame.id, frame.code]] : [])

const movesPass = Effect.gen(function*() {
  for (let i = 0; i < 100; i++) {
    yield* pass(moveIntervalMillis / 50)
  }
})

/** How many moves each commit had. */
const counting = (sizes: Array<number>) =>
  memoryWith((store) => ({
    commit: (appends, moves) => {
      if (moves.length > 0) sizes.push(moves.length)
      return store.commit(appends, moves)
    }
  }))

/** A store that keeps as much as a disk would. */
const long = MemoryMessageStore.layer({ keep: 20_000 })

describe("confirmations", () => {
  const up = Array.from({ length: 16_000 }, (_, i) => i + 1)

  for (const [order, seqs] of [["rising", up], ["falling", up.toReversed()]] as const) {
    story(
      `16,000 waiting messages are confirmed and read one by one, in ${order} order, by default limits`,
      function*() {
        yield* fill(up.length)
        const bob = yield* join("bob", "new")
        yield* until(Effect.sync(() => heard(bob) === up.length))
        yield* sayAll(bob, seqs.map((up_to) => ({ type: "received", conversation, up_to })))
        yield* sayAll(bob, seqs.map((up_to) => ({ type: "read", conversation, up_to })))
        yield* movesPass
        assert.deepStrictEqual([errors(bob), bob.closedWith], [[], undefined])
        const store = yield* MessageStore
        const user = UserId.make("bob")
        const { items } = yield* store.conversations({ user, device: DeviceId.make("new"), limit: 1 })
        assert.deepStrictEqual([items[0]?.received, items[0]?.read], [16_000, 16_000])
      },
      actors({}, long)
    )
  }

  it.effect("P9 what is not there costs a frame each, and the store no more than a few with each commit", () => {
    const sizes: Array<number> = []
    return Effect.gen(function*() {
      const bob = yield* join("bob", "new")
      for (const type of ["received", "read"]) {
        yield* sayAll(bob, Array.from({ length: 600 }, (_, i) => ({ type, conversation: `dm:bob:x${i}`, up_to: 1 })))
      }
      yield* movesPass
      // Each commit of a round has a turn of the event loop to itself.
      yield* Effect.repeat(ActorScheduler.nextTurn, { times: 200 })
      const all = sizes.reduce((sum, size) => sum + size, 0)
      assert.isAtMost(all, 1_000)
      assert.isAtMost(Math.max(...sizes), 256)
      assert.strictEqual(errors(bob).filter(([, code]) => code === "not_found").length, all)
      assert.isAbove(errors(bob).filter(([, code]) => code === "rate_limited").length, 0)
    }).pipe(Effect.provide(actors({}, counting(sizes))))
  })

  story("P9 the right to confirm what was pushed buys nothing else", function*() {
    yield* fill(900)
    const bob = yield* join("bob", "new")
    yield* until(Effect.sync(() => heard(bob) === 900))
    // Free at first, paid when they are refused.
    yield* sayAll(
      bob,
      Array.from({ length: 900 }, (_, i) => ({ type: "received", conversation: `dm:bob:x${i}`, up_to: 1 }))
    )
    yield* pass(moveIntervalMillis)
    yield* until(Effect.sync(() => errors(bob).filter(([, code]) => code === "not_found").length === 900))
    yield* sayAll(bob, Array.from({ length: 600 }, () => ({ type: "ping" })))
    assert.isAbove(errors(bob).filter(([, code]) => code === "rate_limited").length, 0)
  })

  for (const type of ["received", "read"]) {
    story(`${type}: each is judged by itself, and the one that is refused is named`, function*() {
      yield* fill(5)
      const bob = yield* join("bob", "new")
      yield* sayAll(bob, [
        { type, conversation, up_to: 2, id: "two" },
        { type, conversation, up_to: 999, id: "too far" },
        { type, conversation: "dm:bob:nobody", up_to: 1, id: "nobody" },
        { type, conversation, up_to: 1_000_000, id: "much too far" },
        { type, conversation, up_to: 4, id: "four" },
        { type, conversation, up_to: 3 }
      ])
      yield* movesPass
      assert.sameDeepMembers<unknown>(errors(bob), [
        ["too far", "invalid_frame"],
        ["much too far", "invalid_frame"],
        ["nobody", "not_found"]
      ])
      const store = yield* MessageStore
      const user = UserId.make("bob")
      const { items } = yield* store.conversations({ user, device: DeviceId.make("new"), limit: 1 })
      assert.strictEqual(items[0]?.[type as "read"], 4)
    })
  }

  story("what a plain client is sent counts as received, and it may say what it has read", function*() {
    yield* fill(2_000)
    const bob = yield* join("bob", { level: "plain", device: "new" })
    yield* until(Effect.sync(() => heard(bob) === 2_000))
    yield* sayAll(bob, up.slice(0, 2_000).map((up_to) => ({ type: "read", conversation, up_to })))
    yield* movesPass
    assert.deepStrictEqual(errors(bob), [])
    const store = yield* MessageStore
    const user = UserId.make("bob")
    const { items } = yield* store.conversations({ user, device: DeviceId.make("new"), limit: 1 })
    assert.deepStrictEqual([items[0]?.received, items[0]?.read], [2_000, 2_000])
  }, actors({}, long))
})
