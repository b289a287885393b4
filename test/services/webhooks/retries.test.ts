/** When what was not taken is tried again, on a clock that the test moves. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Layer } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { GroupId, UserId } from "../../../src/domain/Ids.ts"
import { retryAfterOf } from "../../../src/services/kernel/httpAnswers.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { Subscriptions } from "../../../src/services/storage/Subscriptions.ts"
import { logName } from "../../../src/services/webhooks/LogTeller.ts"
import { retryMillis, Target } from "../../../src/services/webhooks/retrying.ts"
import { unreadName } from "../../../src/services/webhooks/UnreadTeller.ts"
import { WebhookNumbers } from "../../../src/services/webhooks/WebhookNumbers.ts"
import { commit, move, received } from "../../../src/testing/contract/commands.ts"
import { alice, passing, say, told, withAlice } from "../../support/webhookStage.ts"

/** A store that never answers the first questions about what was not taken, as one whose line ended without a word. */
const silentFor = (questions: number) =>
  Layer.effectContext(Effect.map(Layer.build(MemoryMessageStore.layer()), (context) => {
    const subscriptions = Context.get(context, Subscriptions)
    let left = questions
    const events: typeof subscriptions.events = (asked) => left-- > 0 ? Effect.never : subscriptions.events(asked)
    return Context.add(context, Subscriptions, { ...subscriptions, events })
  }))

describe("retrying", () => {
  it("doubles from a second to five minutes, with a fifth of spread", () => {
    assert.deepStrictEqual([1, 2, 3, 9, 40].map((n) => retryMillis(n, 0.5)), [1_000, 2_000, 4_000, 256_000, 300_000])
    assert.deepStrictEqual([retryMillis(1, 0), retryMillis(1, 1), retryMillis(40, 1)], [800, 1_200, 300_000])
  })

  it("takes the receiver for down when several conversations fail one after the other", () => {
    const target = new Target()
    for (let i = 0; i < 10; i++) target.failed("a", 0, 0.5)
    assert.isFalse(target.isDown)
    assert.isTrue(target.mayTry(0, 7))
    for (const each of ["b", "c"]) target.failed(each, 0, 0.5)
    target.taken()
    for (const each of ["a", "b", "c"]) target.failed(each, 0, 0.5)
    assert.isFalse(target.isDown)
    target.failed("d", 0, 0.5)
    assert.deepStrictEqual(
      [target.isDown, target.until, target.mayTry(999, 0), target.mayTry(1_000, 0), target.mayTry(1_000, 1)],
      [true, 1_000, false, true, false]
    )
    for (let i = 0; i < 20; i++) target.failed("e", target.until, 0.5)
    const before = target.until
    target.failed("e", before, 0.5)
    assert.strictEqual(target.until - before, 30_000)
    assert.isTrue(target.taken())
    assert.isFalse(target.isDown)
  })

  it("reads how long it is asked to wait, up to five minutes", () => {
    assert.strictEqual(retryAfterOf("7", 0), 7_000)
    assert.strictEqual(retryAfterOf("7000", 0), 300_000)
    assert.strictEqual(retryAfterOf("Thu, 01 Jan 1970 00:00:10 GMT", 4_000), 6_000)
    assert.strictEqual(retryAfterOf("Thu, 01 Jan 1970 00:00:10 GMT", 40_000), 0)
    for (const nonsense of [undefined, "", "soon"]) assert.oneOf(retryAfterOf(nonsense, 0), [undefined, 0])
  })
})

describe("webhooks", () => {
  told("one that fails holds up its own conversation and no other, and is tried again ever later", function*(stage) {
    const poison = withAlice("bob")
    stage.answer = ({ conversation, seq }) => ({ status: conversation === poison && seq === 1 ? 500 : 204 })
    yield* say("bob")
    yield* say("bob")
    yield* say("carol")
    yield* passing(70)
    assert.deepStrictEqual(stage.taken.map(({ conversation, seq }) => [conversation, seq]), [[withAlice("carol"), 1]])
    const times = stage.tried.filter(({ conversation }) => conversation === poison)
    assert.isTrue(times.every(({ seq }) => seq === 1))
    assert.strictEqual(new Set(times.map(({ id }) => id)).size, 1)
    assert.isAtLeast(times.length, 6)
    for (let i = 1; i < times.length; i++) {
      const rest = times[i]!.at - times[i - 1]!.at
      const due = 1_000 * 2 ** (i - 1)
      assert.isTrue(rest >= due * 0.79 && rest <= due * 1.2 + 1_100, `${i}: ${rest}`)
    }
    const subscriptions = yield* Subscriptions
    const [kept] = yield* subscriptions.events({ names: [logName], limit: 10 })
    assert.deepStrictEqual([kept?.state, kept?.seq, kept?.attempts, kept?.error], [
      "waiting",
      1,
      times.length,
      "The receiver answered 500."
    ])
    stage.answer = () => ({ status: 200 })
    yield* passing(80)
    assert.deepStrictEqual(stage.taken.slice(1).map(({ seq }) => seq), [1, 2])
    assert.deepStrictEqual(yield* subscriptions.events({ names: [logName], limit: 10 }), [])
    const meter = yield* WebhookNumbers
    assert.deepStrictEqual([meter.counts.delivered, meter.counts.retried, meter.waiting()], [3, times.length, 0])
  })

  told(
    "after a day it is given up and kept, the conversation goes on, and whoever asks has it told again",
    function*(stage) {
      stage.answer = ({ seq }) => ({ status: seq === 1 ? 500 : 204 })
      yield* say("bob")
      yield* say("bob")
      yield* passing(86_040, 60)
      assert.strictEqual(stage.taken.length, 0)
      yield* passing(1_200, 60)
      assert.deepStrictEqual(stage.taken.map(({ seq }) => seq), [2])
      const subscriptions = yield* Subscriptions
      const [kept] = yield* subscriptions.events({ names: [logName], limit: 10 })
      assert.deepStrictEqual([kept?.state, kept?.seq, kept?.nextAt], ["failed", 1, undefined])
      const before = stage.tried.length
      yield* passing(600, 60)
      assert.strictEqual(stage.tried.length, before)
      stage.answer = () => ({ status: 204 })
      assert.isTrue(yield* subscriptions.retryEvent(kept!))
      yield* passing(5)
      assert.deepStrictEqual(stage.taken.map(({ seq }) => seq), [2, 1])
      assert.deepStrictEqual(yield* subscriptions.events({ names: [logName], limit: 10 }), [])
      assert.strictEqual((yield* WebhookNumbers).counts.failed, 1)
    }
  )

  told(
    "a receiver that is down for an hour is asked now and then, and then told everything in order",
    function*(stage) {
      stage.answer = () => ({ status: 503 })
      const people = Array.from({ length: 100 }, (_, i) => `user${i}`)
      for (const text of ["a", "b"]) for (const person of people) yield* say(person, text)
      yield* passing(3_600, 5)
      // Not every conversation, over and over.
      assert.isBelow(stage.tried.length, 200)
      stage.answer = () => ({ status: 200 })
      yield* passing(60)
      for (const person of people) {
        const places = stage.taken.filter(({ conversation }) => conversation === withAlice(person)).map(({ seq }) =>
          seq
        )
        assert.deepStrictEqual(places, [1, 2], person)
      }
      assert.strictEqual((yield* WebhookNumbers).waiting(), 0)
    }
  )

  told("410 stops it, for this address, until somebody wants one of its events again", function*(stage) {
    stage.answer = () => ({ status: 410 })
    yield* say("bob")
    yield* say("carol")
    yield* passing(600, 5)
    assert.isAtMost(stage.tried.length, 2)
    stage.answer = () => ({ status: 204 })
    yield* passing(600, 5)
    assert.deepStrictEqual(stage.taken, [])
    const subscriptions = yield* Subscriptions
    assert.isString(yield* subscriptions.stopped(logName))
    yield* subscriptions.stop(logName, undefined)
    yield* passing(10)
    assert.deepStrictEqual(stage.taken.map(({ conversation }) => conversation).toSorted(), [
      withAlice("bob"),
      withAlice("carol")
    ])
  })

  told("who asks for time has it", function*(stage) {
    stage.answer = () => ({ status: 429, headers: { "retry-after": "60" } })
    yield* say("bob")
    yield* passing(2)
    yield* say("carol")
    yield* passing(50)
    assert.strictEqual(stage.tried.length, 1)
    stage.answer = () => ({ status: 204 })
    yield* passing(20)
    assert.strictEqual(stage.taken.length, 2)
  })

  told("what was chosen is told, and texts are left out where they are not wanted", function*(stage) {
    yield* say("bob")
    yield* passing(3)
    assert.deepStrictEqual(stage.tried, [])
  }, { events: ["group.changed"] })

  const unread = { events: ["message.unread"], unreadMillis: 10_000 } as const

  told("a text that nobody has confirmed for ten seconds is told, and none that somebody has", function*(stage) {
    yield* say("bob")
    yield* say("carol")
    yield* passing(9)
    assert.deepStrictEqual(stage.tried, [])
    yield* move(received(UserId.make("bob"), withAlice("bob"), 1))
    yield* passing(5)
    assert.deepStrictEqual(stage.taken.map(({ type, user }) => [type, user]), [["message.unread", "carol"]])
  }, unread)

  told("one that was read before the next try is not told any more", function*(stage) {
    stage.answer = () => ({ status: 500 })
    yield* say("bob")
    yield* passing(15)
    assert.isAtLeast(stage.tried.length, 2)
    yield* move(received(UserId.make("bob"), withAlice("bob"), 1))
    stage.answer = () => ({ status: 204 })
    yield* passing(120)
    assert.deepStrictEqual(stage.taken, [])
    assert.deepStrictEqual(yield* (yield* Subscriptions).events({ names: [unreadName], limit: 10 }), [])
  }, unread)

  told("one user's failure holds up no other user, and their own stay in order", function*(stage) {
    const store = yield* MessageStore
    stage.answer = ({ user }) => ({ status: user === "user1" ? 500 : 204 })
    const members = Array.from({ length: 20 }, (_, i) => UserId.make(`user${i}`))
    const { created, text } = yield* Effect.promise(() => import("../../../src/testing/contract/commands.ts"))
    const group = GroupId.make("tea")
    const tea = Conversation.group(group)
    yield* commit(created(group, alice, Object.fromEntries(members.map((user) => [user, "member"])) as never))
    const at = yield* Clock.currentTimeMillis
    yield* commit(text(alice, tea, "one", { at }), text(alice, tea, "two", { at }))
    void store
    yield* passing(90)
    for (const user of members) {
      const places = stage.taken.filter((each) => each.user === user).map(({ seq }) => seq)
      assert.deepStrictEqual(places, user === "user1" ? [] : [2, 3], user)
    }
    stage.answer = () => ({ status: 204 })
    yield* passing(300, 2)
    assert.deepStrictEqual(stage.taken.filter(({ user }) => user === "user1").map(({ seq }) => seq), [2, 3])
  }, unread)

  told(
    "P4 a question that the store never answers holds nothing up for ever",
    function*(stage) {
      yield* say("bob")
      yield* passing(4)
      assert.deepStrictEqual(stage.tried, [])
      yield* passing(20)
      assert.deepStrictEqual(stage.taken.map(({ conversation, seq }) => [conversation, seq]), [[withAlice("bob"), 1]])
    },
    {},
    silentFor(1)
  )
})
