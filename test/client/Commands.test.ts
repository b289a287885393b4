import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
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
      const result = (each as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown>)({ recipient: "bob" }, [
        "bob"
      ])
      if (each === commands.read || each === commands.typing) Effect.runSync(result)
    }
    assert.sameMembers(Array.from(said), Object.keys(clientFrames))
  })

  it.effect("more people than a frame holds come into a group some at a time, each once and in order", () =>
    Effect.gen(function*() {
      const frames: Array<{ readonly type: string; readonly group?: string; readonly members: ReadonlyArray<string> }> =
        []
      const ask = (frame: typeof frames[number]) =>
        Effect.sync(() => {
          frames.push(frame)
          return { group: "tea", head_seq: frames.length }
        })
      // They ask, and do nothing else with what they are given.
      const { addMembers, createGroup } = makeCommands({ ask, outbox: {}, presence: {} } as never)
      const people = Array.from({ length: 1_023 }, (_, i) => `${i}`.padStart(128, "x"))
      assert.strictEqual((yield* createGroup("tea", people)).head_seq, 5)
      assert.deepStrictEqual(frames.map(({ group, type }) => [type, group]), [
        ["create_group", undefined],
        ...Array.from({ length: 4 }, () => ["add_members", "tea"])
      ])
      assert.deepStrictEqual(frames.flatMap(({ members }) => members), people)
      assert.isTrue(frames.every((frame) => JSON.stringify(frame).length < 33_000))
      frames.length = 0
      yield* addMembers("tea", people.slice(0, 300))
      assert.deepStrictEqual(frames.map(({ members }) => members.length), [250, 50])
      frames.length = 0
      yield* createGroup("alone", [])
      yield* createGroup("few", people.slice(0, 200).map((_, i) => `guest${i}`))
      assert.deepStrictEqual(frames.map(({ members }) => members.length), [0, 200])
    }))

  it("a search is said as the protocol has it, with what is given and nothing else", () => {
    const frames: Array<object> = []
    const ask = (frame: object) => {
      frames.push(frame)
      return Effect.never
    }
    // A search asks, and does nothing else with what it is given.
    const { search } = makeCommands({ ask, outbox: {}, presence: {} } as never)
    const all: Parameters<typeof search>[0] = {
      query: "",
      target: { group: "g" },
      sender: "bob",
      beforeAt: 2,
      afterAt: 1,
      has: "link",
      cursor: "c",
      limit: 5
    }
    // What has no words of its own is made already.
    frames.length = 0
    assert.lengthOf([search({ query: "tea" }), search(all)], 2)
    assert.deepStrictEqual<unknown>(frames, [{ type: "search", query: "tea" }, {
      type: "search",
      query: "",
      group: "g",
      sender: "bob",
      before_at: 2,
      after_at: 1,
      has: "link",
      cursor: "c",
      limit: 5
    }])
    for (const frame of frames) assert.isTrue(Schema.is(clientFrames.search)(frame))
  })
})
