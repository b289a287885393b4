/** The ten lines of docs/testing.md, which test examples/dice as an app would. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestChat } from "switchboard/testing"
import { dice } from "../../examples/dice/dice.ts"

it.effect("answers /roll in the group", () =>
  Effect.gen(function*() {
    const [alice, bob] = [yield* TestChat.connect("alice"), yield* TestChat.connect("bob")]
    const members = ["bob", "dice"]
    const { group } = yield* alice.asks({ type: "create_group", name: "game", members }, "group_info")
    yield* alice.asks({ type: "chat_message", group, text: "/roll" }, "message_accepted")
    yield* TestChat.pass("1 second")
    const answer = yield* bob.next("incoming_message", ({ sender }) => sender === "dice")
    assert.match(answer.text, /^[1-6]$/)
  }).pipe(Effect.provide(Layer.provideMerge(dice, TestChat.layer()))))
