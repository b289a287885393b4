import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeCommands } from "../../src/client/Commands.ts"
import { clientFrames } from "../../src/domain/ClientFrame.ts"

describe("Commands", () => {
  it("every frame of the protocol is said by a method", () => {
    // What the client says by itself.
    const said = new Set(["received", "ping"])
    const note = (type: string) => (): Effect.Effect<never> => {
      said.add(type)
      return Effect.never
    }
    const ask = (frame: object) => note((frame as { type: string }).type)()
    // Casts, because nobody answers here: what is noted is only that a method says something, and what.
    const commands = makeCommands({
      ask: ask as never,
      list: ask as never,
      say: (frame) => (void ask(frame), true),
      tell: (frame) => (void ask(frame), true),
      outbox: { send: note("chat_message") } as never,
      presence: { subscribe: note("subscribe_presence"), unsubscribe: note("unsubscribe_presence") } as never
    })
    for (const each of Object.values(commands)) {
      if (typeof each !== "function") continue
      const result = (each as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown>)({ recipient: "bob" }, 1)
      if (each === commands.read || each === commands.typing) Effect.runSync(result)
    }
    assert.sameMembers(Array.from(said), Object.keys(clientFrames))
  })
})
