/** examples/buttons is what a team would copy: the bot and its Schema, without a door. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { bot } from "../../examples/buttons/cards.ts"
import { chat } from "../../examples/buttons/main.ts"
import { ServerActor, UserId } from "../../src/index.ts"

const alice = UserId.make("alice")
const waiter = UserId.make(bot)

describe("examples/buttons", () => {
  it.effect("the bot asks with buttons, and a click is answered; what does not fit the Schema is refused", () =>
    Effect.gen(function*() {
      const server = yield* ServerActor
      const heard = yield* server.events.pipe(
        Stream.filter((event) => event._tag === "Accepted"),
        Stream.take(4),
        Stream.map(({ entry }) => entry.kind === "text" ? [entry.sender, entry.text, entry.reply_to, entry.data] : []),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      const to = { sender: alice, recipient: waiter }
      const { seq } = yield* server.send({ ...to, text: "hello" })
      const misfit = yield* Effect.flip(server.send({ ...to, text: "one", data: { pressed: 1 } }))
      assert.strictEqual(misfit.code, "invalid_frame")
      assert.match(misfit.message, /^Correct the data of the chat_message frame: .*\.$/)
      // It has answered by then, because it is asked in the order of the log.
      yield* server.flush
      yield* server.send({ ...to, text: "Tea", replyTo: seq, data: { pressed: "tea" } })
      const said = yield* Fiber.join(heard)
      assert.sameDeepMembers(said, [
        [alice, "hello", undefined, undefined],
        [waiter, "What may I bring you?", 1, {
          buttons: [{ id: "tea", label: "Tea" }, { id: "coffee", label: "Coffee" }]
        }],
        [alice, "Tea", 1, { pressed: "tea" }],
        [waiter, "One tea, it is on its way.", said.findIndex(([, text]) => text === "Tea") + 1, undefined]
      ])
    }).pipe(Effect.provide(Layer.fresh(chat))))
})
