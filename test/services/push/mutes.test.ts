/** Web Push and mutes: a mention is told all the same, unless its reader mutes mentions too. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as CloseCode from "../../../src/domain/CloseCode.ts"
import { actors, join, pass } from "../../support/actors.ts"
import { startPushService } from "../../support/pushService.ts"
import { until } from "../../support/until.ts"

it.effect("a mention is pushed to who has muted the group, and not to who mutes mentions", () =>
  Effect.gen(function*() {
    const stage = yield* startPushService
    const story = Effect.gen(function*() {
      const alice = yield* join("alice")
      const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob", "carol"] }, "group_info")
      for (const [user, mentions] of [["bob", false], ["carol", true]] as const) {
        const page = yield* join(user, "page")
        yield* page.ask({ type: "push_subscribe", subscription: stage.browser().subscription }, "push_subscriptions")
        yield* page.ask({ type: "mute", group, mentions }, "muted")
        page.terminate(CloseCode.NoHeartbeat)
      }
      yield* pass(0)
      const say = (frame: object) => alice.ask({ type: "chat_message", group, ...frame }, "message_accepted")
      yield* say({ text: "quiet" })
      yield* say({ text: "bob and carol!", mentions: ["bob", "carol"] })
      yield* pass(11_000)
      yield* until(Effect.sync(() => stage.pushed.length > 0))
      yield* pass(11_000)
      assert.strictEqual(stage.state.tries, 1)
      assert.deepInclude(stage.pushed[0]?.payload, { text: "bob and carol!", mentions: true, unread: 1 })
      assert.strictEqual(stage.pushed[0]?.headers["urgency"], "high")
    })
    yield* Effect.provide(story, actors().pipe(Layer.provide(stage.settings)))
    assert.deepStrictEqual(stage.problems, [])
  }).pipe(Effect.scoped))
