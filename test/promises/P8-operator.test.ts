/** P8, P4: what the operator says, deletes and makes of groups, on one server and on several that share a store. */
import { assert, describe } from "@effect/vitest"
import { Context, Effect } from "effect"
import { ConversationId, GroupId, UserId } from "../../src/domain/Ids.ts"
import { GroupAdmin } from "../../src/services/admin/GroupAdmin.ts"
import { MessageAdmin } from "../../src/services/admin/MessageAdmin.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import type { Node } from "../support/nodes.ts"
import { journals } from "../support/stores.ts"
import { onTwoServers, ways } from "../support/twoServers.ts"
import { until } from "../support/until.ts"

const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => UserId.make(name)) as [UserId, UserId, UserId]
const group = GroupId.make("tea-room")
const conversation = ConversationId.make("group:tea-room")

const messagesOn = ({ context }: Node) => Context.get(context, MessageAdmin)
const groupsOn = ({ context }: Node) => Context.get(context, GroupAdmin)

/** Changes of the group, as this one heard of them. */
const changesOf = (device: MemoryConnection) =>
  device.all("group_changed").map(({ by, change, seq }) => `${seq} ${by} ${change.action}`)

const has = (what: () => boolean) => until(Effect.sync(what))

for (const [name, store] of journals("operator")) {
  for (const bus of ways) {
    const live = onTwoServers(store, bus)

    describe(`the operator of two servers on one store: ${name}, ${bus}`, () => {
      live("is heard on both, and what they delete is gone on both", function*({ a, b }) {
        const people = [yield* a.join("alice"), yield* b.join("alice", { device: "tablet" }), yield* b.join("bob")]
        const said = yield* messagesOn(a).send({ sender: alice, recipient: bob, text: "hi" })
        for (const each of people) yield* has(() => each.texts.includes("hi"))
        yield* messagesOn(b).remove(said.conversation, said.seq, { reason: "spam" })
        for (const each of people) {
          yield* has(() => each.all("message_deleted").length === 1)
          const [deleted] = each.all("message_deleted")
          assert.deepStrictEqual([deleted?.sender, deleted?.seq, deleted?.target], ["@system", 2, 1])
        }
        // Whoever comes later finds it so.
        const late = yield* a.join("bob", { device: "late" })
        const [text, deletion] = [yield* late.expect("incoming_message"), yield* late.expect("message_deleted")]
        assert.deepStrictEqual([text.deleted, text.text, deletion.sender], [true, "", "@system"])
      })

      live("changes groups on either, and members on both hear it in the same order", function*({ a, b }) {
        const [one, two, three] = [yield* a.join("alice"), yield* b.join("bob"), yield* b.join("carol")]
        yield* groupsOn(a).create({ id: group, name: "tea", owner: alice, members: [bob] })
        yield* groupsOn(b).putMember(group, carol, "admin")
        yield* groupsOn(a).rename(group, "Tee")
        yield* one.ask({ type: "chat_message", group, text: "welcome" }, "message_accepted")
        // What is on its way to somebody who is taken out does not come any more.
        yield* has(() =>
          two.texts.includes("welcome") && three.texts.includes("welcome") && changesOf(one).length === 4
        )
        yield* groupsOn(b).removeMember(group, alice)
        const after = yield* two.ask({ type: "chat_message", group, text: "where is she?" }, "message_accepted")
        assert.strictEqual(after.seq, 8)
        yield* has(() => changesOf(one).length === 6 && changesOf(two).length === 6 && changesOf(three).length === 5)
        const all = [
          "1 @system created",
          "2 @system members_added",
          "3 @system role_set",
          "4 @system renamed",
          "6 @system role_set",
          "7 @system members_removed"
        ]
        assert.deepStrictEqual([changesOf(one), changesOf(two), changesOf(three)], [all, all, all.slice(1)])
        yield* has(() => three.texts.includes("where is she?"))
        // The farewell was the last.
        yield* one.ask({ type: "ping" }, "pong")
        assert.notInclude(one.texts, "where is she?")
        assert.strictEqual(yield* one.code({ type: "chat_message", group, text: "hello?" }), "not_a_member")
        const { members } = yield* groupsOn(a).get(group)
        assert.deepStrictEqual(members.map(({ role, user }) => [user, role]), [["bob", "member"], ["carol", "owner"]])
      })

      live("a group that is deleted on one is gone on both", function*({ a, b }) {
        const [one, two] = [yield* a.join("alice"), yield* b.join("bob")]
        yield* groupsOn(a).create({ id: group, name: "tea", owner: alice, members: [bob] })
        const text = yield* two.ask({ type: "chat_message", group, text: "hi" }, "message_accepted")
        yield* has(() => one.texts.includes("hi") && changesOf(two).length === 1)
        yield* groupsOn(b).remove(group)
        yield* has(() => changesOf(one).length === 2 && changesOf(two).length === 2)
        for (const each of [one, two]) {
          assert.strictEqual(yield* each.code({ type: "group_info", group }), "not_a_member")
        }
        assert.strictEqual((yield* Effect.flip(groupsOn(a).get(group)))._tag, "ChatError")
        yield* messagesOn(a).remove(conversation, text.seq)
        assert.deepStrictEqual(
          (yield* messagesOn(b).page({ conversation })).messages.map(({ kind, sender }) => [kind, sender]),
          [["group", "@system"], ["text", "bob"], ["group", "@system"], ["delete", "@system"]]
        )
        yield* one.ask({ type: "ping" }, "pong")
        assert.lengthOf(one.all("message_deleted"), 0)
      })

      live("both at once: an owner stays, and each change is made once", function*({ a, b }) {
        yield* groupsOn(a).create({ id: group, name: "tea", owner: alice, members: [bob, carol] })
        const tries = Array.from({ length: 10 }, (_, i) => i)
        yield* Effect.all(
          tries.flatMap((i) => {
            const node = groupsOn(i % 2 === 0 ? a : b)
            const user = UserId.make(`u${i % 3}`)
            return [
              node.putMember(group, user, "owner"),
              node.removeMember(group, [alice, bob, carol][i % 3]!),
              Effect.ignore(node.putMember(group, user, "member")),
              node.create({ id: GroupId.make("other"), name: "other", owner: bob, members: [alice] })
            ]
          }),
          { concurrency: "unbounded" }
        )
        const store = yield* MessageStore
        const { members } = yield* groupsOn(b).get(group)
        assert.isTrue(members.some(({ role }) => role === "owner"))
        assert.deepStrictEqual(members.map(({ user }) => user).filter((user) => !user.startsWith("u")), [])
        assert.strictEqual((yield* store.group(GroupId.make("other")))?.headSeq, 1)
      })
    })
  }
}
