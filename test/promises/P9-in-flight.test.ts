/** P9: whatever a client asks of others counts as under way until it is answered, so that it fills nobody's mailbox. */
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { actors, join, settle, story } from "../support/actors.ts"
import { memoryWith } from "../support/stores.ts"
import { until } from "../support/until.ts"

/** Nothing is known of groups before `gate` is open. */
const behind = (gate: Deferred.Deferred<void>) =>
  memoryWith((store) => ({
    group: (group) => Effect.andThen(Deferred.await(gate), store.group(group)),
    membership: (...who) => Effect.andThen(Deferred.await(gate), store.membership(...who))
  }))

describe("64 requests under way", () => {
  const group = "not-there"
  const frames: ReadonlyArray<object> = [
    { type: "chat_message", group, text: "hi" },
    { type: "group_info", group },
    { type: "rename_group", group, name: "tea" },
    { type: "add_members", group, members: ["bob"] },
    { type: "leave_group", group },
    { type: "typing", group, active: true }
  ]
  for (const frame of frames) {
    const gate = Deferred.makeUnsafe<void>()
    story(`pause the socket until they are answered: ${(frame as { type: string }).type}`, function*() {
      const connection = yield* join("alice")
      for (let i = 0; i < 63; i++) connection.send({ ...frame, id: `${i}` })
      yield* settle
      assert.isFalse(connection.paused)
      yield* connection.says({ ...frame, id: "63" })
      assert.isTrue(connection.paused)
      yield* Deferred.succeed(gate, undefined)
      yield* until(Effect.sync(() => connection.all("error").length === 64))
      assert.isFalse(connection.paused)
      // All are counted back: as many may be under way as at first.
      for (let i = 0; i < 63; i++) connection.send({ type: "ping" })
      assert.isFalse(connection.paused)
    }, actors({}, behind(gate)))
  }
})
