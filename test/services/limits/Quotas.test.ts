/** What one user can make grow in the store, in an hour. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { maxRemembered, Quotas } from "../../../src/services/limits/Quotas.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import { actors, join, story } from "../../support/actors.ts"
import { includes } from "../../support/includes.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { memoryWith } from "../../support/stores.ts"

/** What the frames with an `id` are answered with: a type, or the code and time of a refusal. */
const say = Effect.fnUntraced(function*(connection: MemoryConnection, frame: object) {
  connection.take()
  yield* connection.says({ ...frame, id: `${counter++}` })
  const answer = connection.heard.find((each) => "id" in each && each.id === `${counter - 1}`)
  return answer?.type === "error" ? [answer.code, answer.retry_after_ms] : answer?.type
})
let counter = 0

const write = (recipient: string) => ({ type: "chat_message", recipient, text: "hi" })

/** Nobody is closed for their silence. */
const silent = { heartbeatMillis: 1_000_000_000 }

describe("quotas", () => {
  story(
    "P9 who writes to many people that do not answer waits; who is answered, and who goes on talking, does not",
    function*() {
      const alice = yield* join("alice")
      const bob = yield* join("bob")
      assert.strictEqual(yield* say(alice, write("bob")), "message_accepted")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* say(alice, write("carol")), "message_accepted")
      assert.strictEqual(yield* say(alice, write("alice")), "message_accepted")
      assert.deepStrictEqual(yield* say(alice, write("dave")), ["rate_limited", 3_000_000])
      assert.strictEqual(yield* say(alice, write("carol")), "message_accepted")
      // The app itself may, and others may write to her.
      const server = yield* ServerActor
      yield* server.send({ sender: UserId.make("alice"), recipient: UserId.make("eve"), text: "from the app" })
      assert.strictEqual(yield* say(bob, write("carol")), "message_accepted")
      // The second and third count, too, so one answer is not enough, and two are.
      assert.strictEqual(yield* say(bob, write("alice")), "message_accepted")
      assert.deepStrictEqual(yield* say(alice, write("dave")), ["rate_limited", 3_600_000])
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* say(alice, write("dave")), "message_accepted")
    },
    actors({ ...silent, maxNewConversationsPerHour: 2 })
  )

  story("P7 what is remembered of beginnings is bounded, also where nobody who begins is new", function*() {
    const quotas = yield* Quotas
    const users = ["alice", "bob", "carol"].map((name) => UserId.make(name))
    const begin = (user: UserId, from: number, to: number) => {
      for (let i = from; i < to; i++) quotas.began(user, Conversation.direct(user, UserId.make(`u${i}`)))
    }
    const refused = () => users.map((user) => quotas.mayBegin(user)?.code)
    for (const user of users.slice(0, 2)) begin(user, 0, maxRemembered / 2)
    assert.deepStrictEqual(refused(), ["rate_limited", "rate_limited", undefined])
    begin(users[2]!, 0, maxRemembered / 2)
    assert.deepStrictEqual(refused(), [undefined, "rate_limited", "rate_limited"])
  }, actors({ ...silent, maxNewConversationsPerHour: maxRemembered / 2 }))

  story("P3 P9 a retry of the first word is answered as it was, also when no more may be begun", function*() {
    const alice = yield* join("alice")
    const first = { ...write("bob"), id: "first" }
    yield* alice.says(first)
    assert.deepStrictEqual(yield* say(alice, write("carol")), ["rate_limited", 3_600_000])
    alice.take()
    yield* alice.says(first)
    includes(alice.take()[0], { type: "message_accepted", id: "first", seq: 1, duplicate: true })
  }, actors({ ...silent, maxNewConversationsPerHour: 1 }))

  story("P9 groups and their members are counted by the hour, for who adds and for who is added", function*() {
    const alice = yield* join("alice")
    const mallory = yield* join("mallory")
    const create = (...members: ReadonlyArray<string>) => ({ type: "create_group", name: "tea", members })
    assert.strictEqual(yield* say(mallory, create("bob", "carol")), "group_info")
    assert.strictEqual(yield* say(mallory, create("bob")), "group_info")
    // Two groups and three members of five; with these it would be six.
    assert.deepStrictEqual(yield* say(mallory, create()), ["rate_limited", 720_000])
    assert.strictEqual(yield* say(alice, create("carol")), "group_info")
    const [code] = (yield* say(alice, create("dave", "bob"))) as [string]
    assert.strictEqual(code, "rate_limited")
    // What was refused is not counted.
    assert.strictEqual(yield* say(alice, create("dave", "eve")), "group_info")
    yield* TestClock.adjust("1 hour")
    assert.strictEqual(yield* say(mallory, create("bob", "carol", "dave", "eve")), "group_info")
  }, actors({ ...silent, maxAdditionsPerHour: 5, maxAdditionsOfUserPerHour: 2 }))

  it.effect("P9 whoever has added enough is refused before anything is looked up about those they name", () => {
    let looked = 0
    const counting = memoryWith((store) => ({
      blockedEitherWay: (user, others) => {
        looked++
        return store.blockedEitherWay(user, others)
      }
    }))
    const create = (...members: ReadonlyArray<string>) => ({ type: "create_group", name: "tea", members })
    return Effect.gen(function*() {
      const mallory = yield* join("mallory")
      assert.strictEqual(yield* say(mallory, create("bob", "carol")), "group_info")
      assert.strictEqual(looked, 1)
      assert.deepStrictEqual(yield* say(mallory, create("bob", "carol")), ["rate_limited", 3_600_000])
      assert.strictEqual(looked, 1)
      // What was asked counted nothing.
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* say(mallory, create("bob", "carol")), "group_info")
    }).pipe(Effect.scoped, Effect.provide(actors({ ...silent, maxAdditionsPerHour: 3 }, counting)))
  })

  it.effect("0 lifts them", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      for (let i = 0; i < 5; i++) {
        assert.strictEqual(yield* say(alice, write(`peer${i}`)), "message_accepted")
        assert.strictEqual(yield* say(alice, { type: "create_group", name: "tea", members: ["bob"] }), "group_info")
      }
    }).pipe(
      Effect.scoped,
      Effect.provide(
        actors({ ...silent, maxNewConversationsPerHour: 0, maxAdditionsPerHour: 0, maxAdditionsOfUserPerHour: 0 })
      )
    ))
})
