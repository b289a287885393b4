/** The log as a stream: at least once, in order, from where the app was. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { FileId, UserId } from "../../../src/domain/Ids.ts"
import { Events, type SubscribeOptions } from "../../../src/services/events/Events.ts"
import type { LogEvent } from "../../../src/services/events/LogEvent.ts"
import * as commands from "../../../src/testing/contract/commands.ts"
import { actors, join, pass, settle, story } from "../../support/actors.ts"
import { fileRecords } from "../../support/fileApi.ts"

const chat = Events.layer.pipe(Layer.provideMerge(actors()))

/** Somebody who reads it, and notes what comes. Each event is taken when the next one comes. */
const reader = Effect.fnUntraced(function*(name: string, options?: SubscribeOptions) {
  const heard: Array<LogEvent> = []
  const events = yield* Events
  const fiber = yield* events.subscribe(name, options).pipe(
    Stream.runForEach((event) => Effect.sync(() => void heard.push(event))),
    Effect.forkScoped
  )
  yield* pass("2 seconds")
  return { heard, stop: Effect.andThen(Fiber.interrupt(fiber), settle) }
})

const shownOf = ({ conversation, entry, type }: LogEvent) => [type, conversation, entry.seq, commands.shown(entry)]

const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
const direct = Conversation.direct(alice, bob)

/** With `Events` beside the chat, which a story does not name among its services. */
const told = (
  name: string,
  body: () => Generator<Effect.Effect<any, unknown, any>, void, never>
) => story(name, body as Parameters<typeof story>[1], chat as Parameters<typeof story>[2])

const say = (text: string) => ({ type: "chat_message" as const, recipient: "bob", text })

describe("Events", () => {
  told("what is said comes as it is said, edits and groups too, each with its type", function*() {
    const { heard } = yield* reader("crm")
    const connection = yield* join("alice")
    yield* connection.says(say("one"))
    yield* settle
    assert.deepStrictEqual(heard.map(shownOf), [["message.accepted", direct, 1, "one"]])
    yield* connection.says({ type: "edit_message", id: "2", conversation: direct, seq: 1, text: "uno" })
    const info = (yield* connection.says({ type: "create_group", id: "3", name: "tea", members: ["bob"] }))
      .find(({ type }) => type === "group_info")
    yield* settle
    assert.deepStrictEqual(heard.slice(1).map(({ conversation, entry, type }) => [type, conversation, entry.kind]), [
      ["message.accepted", direct, "edit"],
      ["group.changed", info?.type === "group_info" ? `group:${info.group}` : "", "group"]
    ])
  })

  told("files come with the paths at which they are", function*() {
    const files = yield* fileRecords
    const file = FileId.make("f1")
    yield* files.begin({ file, owner: alice, name: "tea.png", type: "image/png", size: 7, at: 1 }, 0)
    yield* files.finish(file, { size: 7, sha256: "00", state: "ready" })
    const { heard } = yield* reader("crm")
    const connection = yield* join("alice")
    yield* connection.says({ ...say(""), attachments: [{ file }] })
    yield* settle
    const [entry] = heard.map(({ entry }) => entry)
    assert.ok(entry?.kind === "text")
    assert.deepStrictEqual(entry.attachments?.map(({ url, ...rest }) => [rest, url?.split("?")[0]]), [
      [{ file, name: "tea.png", type: "image/png", size: 7 }, "/v1/files/f1/tea.png"]
    ])
  })

  told("an app that was away misses nothing, and hears nothing twice that it was done with", function*() {
    const connection = yield* join("alice")
    yield* connection.says(say("before"))
    const first = yield* reader("crm")
    assert.deepStrictEqual(first.heard, [])
    for (const text of ["a", "b", "c"]) yield* connection.says(say(text))
    yield* pass("1 second")
    assert.deepStrictEqual(first.heard.map(({ entry }) => commands.shown(entry)), ["a", "b", "c"])
    yield* first.stop
    for (const text of ["d", "e"]) yield* connection.says(say(text))
    const second = yield* reader("crm")
    assert.deepStrictEqual(second.heard.map(({ entry }) => commands.shown(entry)), ["d", "e"])
    const another = yield* reader("audit", { from: "beginning" })
    assert.deepStrictEqual(another.heard.map(({ entry }) => entry.seq), [1, 2, 3, 4, 5, 6])
  })

  told("what an app had in hand when it ended comes again", function*() {
    const connection = yield* join("alice")
    const events = yield* Events
    const begun: Array<string> = []
    const fiber = yield* events.subscribe("crm", { from: "beginning" }).pipe(
      Stream.runForEach(({ entry }) => {
        begun.push(String(commands.shown(entry)))
        return entry.seq === 2 ? Effect.never : Effect.void
      }),
      Effect.forkScoped
    )
    for (const text of ["a", "b", "c"]) yield* connection.says(say(text))
    yield* pass("2 seconds")
    assert.deepStrictEqual(begun, ["a", "b"])
    yield* Fiber.interrupt(fiber)
    const again = yield* reader("crm")
    assert.deepStrictEqual(again.heard.map(({ entry }) => commands.shown(entry)), ["b", "c"])
  })

  told("of two readers of a name one hears it all, and the other goes on where it was", function*() {
    const connection = yield* join("alice")
    const first = yield* reader("crm")
    const second = yield* reader("crm")
    yield* connection.says(say("a"))
    yield* connection.says(say("b"))
    yield* pass("5 seconds")
    assert.deepStrictEqual([first.heard.length, second.heard.length], [2, 0])
    yield* first.stop
    yield* connection.says(say("c"))
    yield* pass("10 seconds")
    assert.deepStrictEqual(second.heard.map(({ entry }) => commands.shown(entry)), ["c"])
  })

  told("a slow app holds up nobody, and hears all of a busy conversation in its order", function*() {
    const connection = yield* join("alice")
    const seen: Array<number> = []
    const events = yield* Events
    yield* events.subscribe("slow", { from: "beginning" }).pipe(
      Stream.runForEach(({ entry }) => Effect.andThen(Effect.sleep(100), Effect.sync(() => seen.push(entry.seq)))),
      Effect.forkScoped
    )
    for (let i = 0; i < 120; i++) yield* connection.says(say(`${i}`))
    for (let i = 0; i < 200; i++) {
      yield* pass(100)
      if (i % 50 === 0) connection.pong()
    }
    assert.deepStrictEqual(seen, Array.from({ length: 120 }, (_, i) => i + 1))
  })
})
