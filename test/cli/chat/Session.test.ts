/** What a person at a terminal hears of the connection. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import { plainStyle } from "../../../src/cli/chat/format.ts"
import type { Footer, Screen } from "../../../src/cli/chat/Screen.ts"
import { Session } from "../../../src/cli/chat/Session.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { due, ready } from "../../support/ScriptedServer.ts"

const at = Effect.gen(function*() {
  const { client, server } = yield* ready({ taking: false })
  const notices: Array<string> = []
  let footer: Footer | undefined
  const screen: Screen = {
    style: plainStyle,
    interactive: true,
    say: () => Effect.void,
    notice: (line) => Effect.sync(() => void notices.push(line)),
    footer: (next) => Effect.sync(() => void (footer = next)),
    lines: Stream.empty,
    edits: Stream.empty
  }
  const session = new Session(client, screen, UserId.make("alice"))
  yield* Effect.forkScoped(Stream.runForEach(client.states, session.onState))
  yield* Effect.forkScoped(Stream.runForEach(client.events, session.onEvent))
  yield* Effect.forkScoped(session.open({ recipient: "bob" }))
  yield* due
  server.last().page({ seq: 1, kind: "text", message_id: "m1", sender: "bob", at: 1, text: "hi" })
  yield* due
  return { server, notices, status: () => footer?.status }
})

describe("the connection, at a terminal", () => {
  it.effect("lost and found again", () =>
    Effect.gen(function*() {
      const { notices, server } = yield* at
      yield* server.reconnect
      assert.deepStrictEqual(notices, [
        "* Connection lost (the connection broke), trying again.",
        "* Connected again."
      ])
    }))

  it.effect("of another server, when one stops: nothing, and nobody types for ever", () =>
    Effect.gen(function*() {
      const { notices, server, status } = yield* at
      yield* server.last().tell({ type: "typing", conversation: "dm:alice:bob", user: "bob", active: true })
      assert.strictEqual(status(), "* bob is typing…")
      yield* server.last().tell({ type: "draining", reconnect_after_ms: 1_000 })
      // Questions that nobody answers here keep it a little longer.
      yield* TestClock.adjust("3 seconds")
      assert.lengthOf(server.lines, 2)
      yield* server.welcome
      assert.deepStrictEqual([notices, status()], [[], undefined])
    }))
})
