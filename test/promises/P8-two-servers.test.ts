/**
 * P8 P4 with two servers on one store, which is also a server and whatever is changed beside it: what a server remembers
 * of a group is a copy, and the store has the truth.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { UserActors } from "../../src/services/user/UserActors.ts"
import { actors, identity } from "../support/actors.ts"
import { MemoryConnection } from "../support/MemoryConnection.ts"
import { spansOf } from "../support/spans.ts"
import { stores } from "../support/stores.ts"
import { until } from "../support/until.ts"

const hears = (device: MemoryConnection, text: string) => device.texts.includes(text)

const server = Effect.gen(function*() {
  const store = yield* MessageStore
  const context = yield* Layer.build(Layer.fresh(actors({}, Layer.succeed(MessageStore, store))))
  const actor = Context.get(context, UserActors)
  return (user: string) =>
    Effect.gen(function*() {
      const connection = new MemoryConnection()
      yield* Effect.forkScoped(actor.run({ identity: identity(user), level: "v1", connection, address: "127.0.0.1" }))
      yield* connection.expect("welcome")
      return connection
    })
})

/** Alice's group, in use on both servers. */
const begin = (members: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const [a, b] = [yield* server, yield* server]
    const alice = yield* a("alice")
    const bob = yield* b("bob")
    const { group } = yield* alice.ask({ type: "create_group", name: "tea", members }, "group_info")
    assert.strictEqual(yield* bob.code({ type: "chat_message", group, text: "hello" }), "message_accepted")
    return { a, b, alice, bob, group }
  })

const membersOf = (info: ServerFrame) =>
  info.type === "group_info" ? info.members.map(({ role, user }) => `${user} ${role}`) : info

for (const [name, store] of stores("two_servers")) {
  const live = (
    title: string,
    body: () => Generator<Effect.Effect<any, unknown, MessageStore | Scope.Scope>, void, never>
  ) => it.live(title, () => Effect.gen(body).pipe(Effect.scoped, Effect.provide(Layer.fresh(store))))

  describe(`two servers on one store: ${name}`, () => {
    live("P8 a former admin changes nothing where their old role is remembered", function*() {
      const { alice, b, bob, group } = yield* begin(["bob", "carol", "mallory"])
      yield* alice.ask({ type: "set_role", group, user: "mallory", role: "admin" })
      const mallory = yield* b("mallory")
      assert.strictEqual(yield* mallory.code({ type: "rename_group", group, name: "mallory's" }), "group_info")
      yield* alice.ask({ type: "set_role", group, user: "mallory", role: "member" })
      const remove = { type: "remove_members", group, members: ["carol"] }
      assert.strictEqual(yield* mallory.code(remove), "forbidden")
      assert.strictEqual(yield* mallory.code({ type: "rename_group", group, name: "x" }), "forbidden")
      const now = ["alice owner", "bob member", "carol member", "mallory member"]
      assert.deepStrictEqual(membersOf(yield* bob.ask({ type: "group_info", group })), now)
      // And who is allowed only now is not refused for what is remembered.
      yield* alice.ask({ type: "set_role", group, user: "bob", role: "admin" })
      assert.strictEqual(yield* bob.code(remove), "group_info")
      assert.strictEqual(yield* alice.code({ type: "set_role", group, user: "carol", role: "admin" }), "not_found")
    })

    live("P8 who was taken out hears nothing more, and is told what everybody is told who is out", function*() {
      const { alice, b, bob, group } = yield* begin(["bob", "dave"])
      const dave = yield* b("dave")
      yield* alice.ask({ type: "remove_members", group, members: ["bob"] })
      assert.strictEqual(yield* dave.code({ type: "chat_message", group, text: "secret" }), "message_accepted")
      assert.strictEqual(yield* dave.code({ type: "chat_message", group, text: "more" }), "message_accepted")
      // Whatever was pushed to him was pushed before the answer to his own question.
      assert.strictEqual(yield* bob.code({ type: "group_info", group }), "not_a_member")
      assert.strictEqual(yield* bob.code({ type: "chat_message", group, text: "me too" }), "not_a_member")
      assert.deepStrictEqual([hears(bob, "secret"), hears(bob, "more")], [false, false])
    })

    live(
      "P4 who was added elsewhere hears what is said, speaks and asks; nobody hears what was said before they came",
      function*() {
        const { alice, b, bob, group } = yield* begin(["bob"])
        const carol = yield* b("carol")
        assert.strictEqual(yield* bob.code({ type: "chat_message", group, text: "before" }), "message_accepted")
        yield* alice.ask({ type: "add_members", group, members: ["carol", "dave"] })
        yield* Effect.forEach(["one", "two", "three"], (text) => bob.ask({ type: "chat_message", group, text }))
        yield* until(Effect.sync(() => hears(carol, "three")))
        const heard = carol.texts
        assert.deepStrictEqual(heard, ["one", "two", "three"])
        const dave = yield* b("dave")
        yield* alice.ask({ type: "add_members", group, members: ["erin"] })
        const erin = yield* b("erin")
        assert.strictEqual(yield* erin.code({ type: "chat_message", group, text: "hi" }), "message_accepted")
        yield* until(Effect.sync(() => hears(dave, "hi") && hears(carol, "hi") && hears(bob, "hi")))
        assert.strictEqual(yield* erin.code({ type: "group_info", group }), "group_info")
      }
    )

    live(
      "P2 however much is on its way while the group changes elsewhere, everybody hears it in order and once",
      function*() {
        const { a, alice, b, bob, group } = yield* begin(["bob", "dave"])
        const [dave, carol] = [yield* b("dave"), yield* b("carol")]
        const there = yield* a("alice")
        for (let round = 0; round < 6; round++) {
          const change = there.ask({
            type: round % 2 === 0 ? "add_members" : "remove_members",
            group,
            members: ["carol"]
          })
          const talk = Effect.forEach(
            Array.from({ length: 20 }, (_, i) => `${round}/${i}`),
            (text) => bob.ask({ type: "chat_message", group, text }),
            { concurrency: "unbounded" }
          )
          yield* Effect.all([change, talk], { concurrency: "unbounded" })
        }
        yield* until(Effect.sync(() => hears(dave, "5/19")))
        assert.strictEqual(yield* alice.code({ type: "group_info", group }), "group_info")
        const seqs = (device: MemoryConnection) =>
          device.all("incoming_message").filter((frame) => frame.group === group).map(({ seq }) => seq)
        const store = yield* MessageStore
        const { entries } = yield* store.history({ conversation: Conversation.group(group), after: 0, limit: 500 })
        const texts = entries.filter(({ kind }) => kind === "text").map(({ seq }) => seq)
        assert.deepStrictEqual(seqs(dave).filter((seq) => seq > 2), texts.filter((seq) => seq > 2))
        const spans = spansOf(entries, UserId.make("carol"))
        const heard = seqs(carol)
        assert.deepStrictEqual(heard, heard.toSorted((x, y) => x - y))
        assert.strictEqual(new Set(heard).size, heard.length)
        for (const seq of heard) {
          assert.isTrue(spans.some(([from, to]) => from <= seq && seq <= to), `${seq}: ${JSON.stringify(spans)}`)
        }
      }
    )

    live("P8 who was erased beside the server is out at once, and can be added anew", function*() {
      const { alice, b, bob, group } = yield* begin(["bob", "dave"])
      const dave = yield* b("dave")
      const { eraseUser } = yield* MessageStore
      yield* eraseUser(UserId.make("bob"))
      assert.strictEqual(yield* dave.code({ type: "chat_message", group, text: "secret" }), "message_accepted")
      assert.strictEqual(yield* bob.code({ type: "group_info", group }), "not_found")
      assert.isFalse(hears(bob, "secret"))
      assert.strictEqual(yield* alice.code({ type: "add_members", group, members: ["bob"] }), "group_info")
      assert.strictEqual(yield* dave.code({ type: "chat_message", group, text: "welcome" }), "message_accepted")
      yield* until(Effect.sync(() => hears(bob, "welcome")))
    })

    live("P3 retries of changes are answered as the first try was, on the other server too", function*() {
      const { alice, b, group } = yield* begin(["bob"])
      const there = yield* b("alice")
      const change = { type: "add_members", group, members: ["carol"], id: "add" }
      assert.strictEqual((yield* there.ask({ type: "group_info", group, id: "known" })).type, "group_info")
      const first = yield* alice.ask(change)
      assert.deepStrictEqual(membersOf(first), ["alice owner", "bob member", "carol member"])
      assert.deepStrictEqual<unknown>(membersOf(yield* there.ask(change)), membersOf(first))
      yield* alice.ask({ type: "remove_members", group, members: ["carol"], id: "remove" })
      assert.deepStrictEqual(membersOf(yield* there.ask(change)), ["alice owner", "bob member"])
      const store = yield* MessageStore
      const { headSeq } = (yield* store.groupHead(group))!
      assert.strictEqual(headSeq, 4)
      assert.strictEqual(
        (yield* store.history({ conversation: Conversation.group(group), after: 0, limit: 9 })).entries.length,
        4
      )
    })
  })
}
