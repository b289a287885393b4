/** What is told of what users say about messages, over real sockets: that they report one, and that they have it muted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dataFile } from "../../support/dataFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { connect } from "../../support/TestClient.ts"
import { type Receiver, startReceiver, webhookSecret } from "../../support/webhookReceiver.ts"

/** A server that tells this receiver of these, with Alice and Bob. */
const chat = Effect.fnUntraced(function*(receiver: Receiver, events: string, ...more: ReadonlyArray<string>) {
  const args = ["--data", yield* dataFile, "--webhook-url", receiver.url, "--webhook-events", events, ...more]
  const { port } = yield* startServer(args, { SWITCHBOARD_WEBHOOK_SECRET: webhookSecret })
  const [alice, bob] = [
    yield* connect({ port, user: "alice", level: "v1" }),
    yield* connect({ port, user: "bob", level: "v1" })
  ]
  return { alice, bob }
})

const takes = (receiver: Receiver, count: number) => eventually(Effect.sync(() => receiver.heard.length >= count))

describe("webhooks of reports", () => {
  it.live(
    "P8 what somebody reports is told to the app with both names, in order, and again while it is not taken",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        let refusals = 2
        receiver.answer = (_, response) => void response.writeHead(refusals-- > 0 ? 503 : 204).end()
        const { alice, bob } = yield* chat(receiver, "message.reported")
        const text = "rude \u{1F984} \"words\""
        const { seq } = yield* alice.ask({ type: "chat_message", recipient: "bob", text }, "message_accepted")
        const second = yield* alice.ask({ type: "chat_message", recipient: "bob", text: "more" }, "message_accepted")
        yield* bob.ask({ type: "report", recipient: "alice", seq, reason: "rude" }, "reported")
        // What its author does with it hides nothing.
        yield* alice.ask({ type: "delete_message", recipient: "bob", seq }, "message_accepted")
        yield* bob.ask({ type: "report", recipient: "alice", seq: second.seq }, "reported")
        yield* bob.ask({ type: "report", recipient: "alice", seq: second.seq, reason: "again" }, "reported")
        yield* takes(receiver, 2)
        const [first, next] = receiver.heard
        const { report, ...data } = first!.data
        assert.deepStrictEqual<unknown>([first!.type, data], ["message.reported", {
          conversation: "dm:alice:bob",
          seq,
          author: "alice",
          reporter: "bob",
          reason: "rude",
          text
        }])
        assert.isNumber(report)
        assert.deepStrictEqual([next!.data.seq, next!.data.text], [second.seq, "more"])
        assert.notProperty(next!.data, "reason")
        assert.strictEqual(new Set(receiver.heard.map(({ id }) => id)).size, 2)
        assert.isAtLeast(receiver.tries, 4)
        assert.deepStrictEqual(receiver.wrong, [])
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("no text of it leaves the server with --webhook-no-text", () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver()
      const { alice, bob } = yield* chat(receiver, "message.reported", "--webhook-no-text")
      const { seq } = yield* alice.ask(
        { type: "chat_message", recipient: "bob", text: "secret words" },
        "message_accepted"
      )
      yield* bob.ask({ type: "report", recipient: "alice", seq, reason: "rude" }, "reported")
      yield* takes(receiver, 1)
      const { data } = receiver.heard[0]!
      assert.notInclude(JSON.stringify(data), "secret")
      assert.deepStrictEqual([data.author, data.reporter, data.seq, data.reason], ["alice", "bob", seq, "rude"])
    }).pipe(Effect.scoped), 60_000)

  it.live(
    "a text that nobody confirms is told as muted where its user has muted it, but for mentions",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const { alice, bob } = yield* chat(receiver, "message.unread", "--webhook-unread-ms", "100")
        const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
        const told = Effect.fnUntraced(function*(more: object) {
          const { seq } = yield* alice.ask({ type: "chat_message", group, text: "hi", ...more }, "message_accepted")
          const found = () => receiver.heard.find(({ data }) => data.seq === seq && data.user === "bob")
          yield* eventually(Effect.sync(() => found() !== undefined))
          const { mentioned, muted } = found()!.data
          return { mentioned, muted }
        })
        const mentions = ["bob"]
        assert.deepStrictEqual(yield* told({}), { mentioned: false, muted: false })
        yield* bob.ask({ type: "mute", group }, "muted")
        assert.deepStrictEqual(yield* told({}), { mentioned: false, muted: true })
        assert.deepStrictEqual(yield* told({ mentions }), { mentioned: true, muted: false })
        yield* bob.ask({ type: "mute", group, mentions: true }, "muted")
        assert.deepStrictEqual(yield* told({ mentions }), { mentioned: true, muted: true })
        yield* bob.ask({ type: "unmute", group }, "muted")
        assert.deepStrictEqual(yield* told({}), { mentioned: false, muted: false })
      }).pipe(Effect.scoped),
    60_000
  )
})
