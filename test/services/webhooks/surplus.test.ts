/** What waits for a receiver that takes nothing is bounded. */
import { assert, describe, it } from "@effect/vitest"
import { UserId } from "../../../src/domain/Ids.ts"
import type { KeptEvent } from "../../../src/services/storage/Subscriptions.ts"
import { Subscriptions } from "../../../src/services/storage/Subscriptions.ts"
import { maxWaiting, maxWaitingOfUser, surplusOf } from "../../../src/services/webhooks/surplus.ts"
import { unreadName } from "../../../src/services/webhooks/UnreadTeller.ts"
import { alice, passing, say, told, withAlice } from "../../support/webhookStage.ts"

const bob = UserId.make("bob")

const kept = (seq: number, user = bob): KeptEvent => ({
  name: unreadName,
  conversation: withAlice("bob"),
  seq,
  user,
  state: "waiting",
  attempts: 1,
  error: "The receiver answered 500.",
  firstAt: 1
})

const seqs = (events: ReadonlyArray<KeptEvent>) => events.map(({ seq }) => seq)

describe("texts that wait for a webhook", () => {
  it("of a user who has as many as may wait, the oldest gives its place", () => {
    const waiting = Array.from({ length: maxWaitingOfUser }, (_, i) => kept(i + 1))
    assert.deepStrictEqual(seqs(surplusOf(waiting, [bob])), [1])
    assert.deepStrictEqual(surplusOf(waiting, [alice]), [])
    assert.deepStrictEqual(surplusOf(waiting.slice(1), [bob]), [])
  })

  it("of a conversation that has as many, the oldest give theirs, whosever they are", () => {
    const users = Array.from({ length: maxWaiting / 50 }, (_, i) => UserId.make(`u${i}`))
    const waiting = Array.from({ length: 50 }, (_, i) => users.map((user) => kept(i + 1, user))).flat()
    const surplus = surplusOf(waiting, users)
    assert.strictEqual(surplus.length, users.length)
    assert.isTrue(surplus.every(({ seq }) => seq === 1))
  })

  told("P9 past what may wait for one user the oldest are given up, and the rest is told in order", function*(stage) {
    stage.answer = () => ({ status: 500 })
    for (let i = 0; i < maxWaitingOfUser + 5; i++) yield* say("bob")
    yield* passing(30)
    const subscriptions = yield* Subscriptions
    const events = (state: KeptEvent["state"]) => subscriptions.events({ names: [unreadName], state, limit: 1_000 })
    assert.strictEqual((yield* events("waiting")).length, maxWaitingOfUser)
    assert.deepStrictEqual(seqs(yield* events("failed")), [1, 2, 3, 4, 5])
    stage.answer = () => ({ status: 204 })
    yield* passing(120)
    assert.deepStrictEqual(stage.taken.map(({ seq }) => seq), Array.from({ length: maxWaitingOfUser }, (_, i) => i + 6))
    assert.deepStrictEqual(yield* events("waiting"), [])
  }, { events: ["message.unread"], unreadMillis: 5_000 })
})
