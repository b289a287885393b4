/** What a person at a terminal hears of the connection, and of files that are on their way. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { plainStyle } from "../../../src/cli/chat/format.ts"
import type { Footer, Screen } from "../../../src/cli/chat/Screen.ts"
import { Session } from "../../../src/cli/chat/Session.ts"
import { typed } from "../../../src/cli/chat/Typed.ts"
import { Uploads } from "../../../src/client/Uploads.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { due, ready } from "../../support/ScriptedServer.ts"
import { scriptedUploads } from "../../support/ScriptedUploads.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const at = Effect.gen(function*() {
  const { client, server } = yield* ready({ taking: false })
  const notices: Array<string> = []
  const said: Array<string> = []
  let footer: Footer | undefined
  const screen: Screen = {
    style: plainStyle,
    interactive: true,
    say: (_, lines) => Effect.sync(() => void said.push(...lines())),
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
  return { server, session, notices, said, status: () => footer?.status, below: () => footer?.pending }
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

describe("who is called, at a terminal", () => {
  const tea = { target: { group: "tea" }, conversation: "group:tea" }
  const members = [{ user: "alice", role: "member" }, { user: "bob", role: "member" }]

  it.effect("is asked for where it is not known yet, before the message goes, and once", () =>
    Effect.gen(function*() {
      const { server, session } = yield* at
      const say = (text: string) => Effect.forkScoped(typed(session, text, () => {}))
      yield* Effect.forkScoped(session.open(tea.target))
      yield* due
      // What `/to` asks is not answered yet.
      const asked = server.last().take("group_info")
      yield* say("hey @bob")
      yield* due
      assert.isUndefined(server.last().said.find(({ type }) => type === "chat_message"))
      const question = server.last().take("group_info")
      for (const { id } of [question, asked]) {
        yield* server.last().tell({
          type: "group_info",
          id,
          group: "tea",
          conversation: tea.conversation,
          name: "tea",
          head_seq: 1,
          history: "joined",
          members
        })
      }
      assert.deepStrictEqual(server.last().take("chat_message")["mentions"], ["bob"])
      yield* say("and @bob again")
      yield* due
      assert.isUndefined(server.last().said.find(({ type }) => type === "group_info"))
    }))

  it.effect("and a server that does not answer holds up no message", () =>
    Effect.gen(function*() {
      const { server, session } = yield* at
      yield* Effect.forkScoped(session.open(tea.target))
      yield* due
      yield* Effect.forkScoped(typed(session, "hey @bob", () => {}))
      yield* due
      yield* TestClock.adjust("3 seconds")
      const { mentions = [], text } = server.last().take("chat_message")
      assert.deepStrictEqual([text, mentions], ["hey @bob", []])
    }))
})

/** The file system is the platform's, and comes when the event loop has turned. */
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

describe("a file, at a terminal", () => {
  const sending = Effect.gen(function*() {
    const uploads = scriptedUploads()
    const path = join(yield* temporaryDirectory, "a.png")
    writeFileSync(path, "1234567890")
    const on = yield* Effect.provideService(at, Uploads, uploads)
    const wrong: Array<number> = []
    const say = (line: string) => Effect.forkScoped(typed(on.session, line, () => wrong.push(1)))
    yield* say(`/file "${path}" look`)
    const eventually = (condition: () => boolean) =>
      Effect.repeat(Effect.andThen(Effect.andThen(turn, due), Effect.sync(condition)), { until: (holds) => holds })
    yield* eventually(() => uploads.posts.length === 1)
    return { ...on, path, say, uploads, wrong }
  })

  it.effect("is shown below the line while it goes, and one goes on writing", () =>
    Effect.gen(function*() {
      const { below, say, server, uploads } = yield* sending
      assert.deepStrictEqual(below(), ["↑ a.png 0 % of 10 bytes"])
      yield* say("meanwhile")
      yield* due
      const meanwhile = server.last().take("chat_message")
      assert.strictEqual(meanwhile["text"], "meanwhile")
      uploads.last().request.onSent(5)
      yield* due
      assert.deepStrictEqual(below(), ["↑ a.png 50 % of 10 bytes", "… meanwhile"])
      server.last().accept(meanwhile, 2)
      uploads.last().take()
      yield* due
      const { attachments, text } = server.last().take("chat_message")
      assert.deepStrictEqual([text, attachments], ["look", [{ file: "f1" }]])
      assert.deepStrictEqual(below(), ["… look [picture, 3 bytes] a.png"])
    }).pipe(Effect.scoped))

  it.effect("that is given up is said to be, and so is what the server does not take", () =>
    Effect.gen(function*() {
      const { below, notices, path, say, uploads, wrong } = yield* sending
      yield* say("/cancel")
      yield* due
      assert.isTrue(uploads.last().abandoned)
      assert.deepStrictEqual([below(), notices], [[], ["! The file is not sent any more."]])
      yield* say("/cancel")
      yield* due
      assert.strictEqual(notices.at(-1), "! No file is on its way.")
      yield* say(`/file ${path}`)
      while (uploads.posts.length < 2) yield* Effect.andThen(turn, due)
      uploads.last().refuse(413, "A file may have 26.2 MB; send a smaller one.")
      yield* due
      assert.deepStrictEqual([below(), notices.at(-1)], [[], "! A file may have 26.2 MB; send a smaller one."])
      assert.lengthOf(wrong, 2)
    }).pipe(Effect.scoped))
})
