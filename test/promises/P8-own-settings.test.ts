/** P8: settings of one's own and reports are for conversations of one's own; what is not there and what is not theirs look the same. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { connect } from "../support/TestClient.ts"
import { served, TestServer, unlimitedFrames } from "../support/TestServer.ts"

const join = Effect.fnUntraced(function*(user: string) {
  const { port } = yield* TestServer
  return yield* connect({ port, user, level: "v1" })
})

const verbs = [
  { type: "mute" },
  { type: "mute", until: 253_402_300_000_000, mentions: true },
  { type: "unmute" },
  { type: "archive" },
  { type: "unarchive" },
  { type: "mark_unread" },
  { type: "report", seq: 2, reason: "rude" }
]

describe("settings of one's own", () => {
  served("P8 strangers, and who is out, change nothing of a conversation and learn nothing of it", function*() {
    const [olga, mia, rita, ben, sam] = yield* Effect.forEach(["olga", "mia", "rita", "ben", "sam"], join)
    const { conversation, group } = yield* olga!.ask(
      { type: "create_group", name: "tea", members: ["mia", "rita", "ben"] },
      "group_info"
    )
    yield* olga!.ask({ type: "chat_message", group, text: "secret" }, "message_accepted")
    yield* olga!.ask({ type: "chat_message", recipient: "mia", text: "one" }, "message_accepted")
    const second = yield* olga!.ask({ type: "chat_message", recipient: "mia", text: "two" }, "message_accepted")
    yield* olga!.ask({ type: "remove_members", group, members: ["rita"] }, "group_info")
    yield* olga!.ask({ type: "ban_members", group, members: ["ben"] }, "group_info")
    for (const verb of verbs) {
      for (const target of [{ group }, { conversation }]) {
        for (const who of [rita!, ben!]) {
          const code = yield* who.code({ ...verb, ...target })
          assert.include(["not_found", "not_a_member"], code, `${who.user} ${JSON.stringify({ ...verb, ...target })}`)
        }
      }
      for (
        const [theirs, nothing] of [
          [{ group }, { group: "no-such-group" }],
          [{ conversation }, { conversation: "group:no-such-group" }],
          [{ conversation: second.conversation }, { conversation: "dm:mia:nobody" }],
          [{ recipient: "olga" }, { recipient: "nobody" }]
        ] as const
      ) {
        const [answer, other] = yield* Effect.forEach(
          [theirs, nothing],
          (target) => sam!.ask({ ...verb, ...target, id: "1" })
        )
        assert.strictEqual(
          answer!.type === "error" && answer!.code,
          "not_found",
          JSON.stringify({ ...verb, ...theirs })
        )
        assert.deepStrictEqual(answer, other)
      }
    }
    // Nobody was told of anything, and nothing came into their lists.
    yield* Effect.forEach([olga!, mia!], (who) => who.ask({ type: "ping" }))
    for (const who of [olga!, mia!]) {
      assert.deepStrictEqual([who.all("message_reported"), who.all("conversation_settings"), who.all("muted")], [
        [],
        [],
        []
      ])
    }
    assert.deepStrictEqual((yield* sam!.ask({ type: "conversations" }, "conversation_list")).conversations, [])
  }, { settings: unlimitedFrames })

  served("P8 who is blocked is answered as before the block, and what they set is theirs alone", function*() {
    const [alice, bob] = [yield* join("alice"), yield* join("bob")]
    const { seq } = yield* alice.ask({ type: "chat_message", recipient: "bob", text: "hi" }, "message_accepted")
    yield* bob.ask({ type: "chat_message", recipient: "alice", text: "hi" }, "message_accepted")
    const own = verbs.filter(({ type }) => type !== "report")
    const answers = Effect.forEach(own, (verb) => bob.code({ ...verb, recipient: "alice" }))
    const before = yield* answers
    yield* alice.ask({ type: "block", user: "bob" }, "blocked_users")
    assert.deepStrictEqual(yield* answers, before)
    assert.strictEqual(yield* bob.code({ type: "report", recipient: "alice", seq }), "reported")
    // What Bob says from here on Alice does not have, so there is nothing to report.
    const unseen = yield* bob.ask({ type: "chat_message", recipient: "alice", text: "there?" }, "message_accepted")
    assert.strictEqual(yield* alice.code({ type: "report", recipient: "bob", seq: unseen.seq }), "not_found")
    yield* alice.ask({ type: "ping" })
    assert.deepStrictEqual([alice.all("conversation_settings"), alice.all("muted"), alice.all("message_reported")], [
      [],
      [],
      []
    ])
    const [item] = (yield* alice.ask({ type: "conversations" }, "conversation_list")).conversations
    for (const field of ["muted_until", "archived", "marked_unread"]) assert.notProperty(item, field)
  }, { settings: unlimitedFrames })
})
