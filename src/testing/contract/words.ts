/** What a text has beside its words: whom it mentions, and an app's data. */
import { Array, Clock, Effect } from "effect"
import assert from "node:assert/strict"
import { everybody } from "../../domain/entries/Mentions.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { MessageStore } from "../../services/storage/MessageStore.ts"
import { change, commit, created, edit, entries, listed, many, move, phone, read, remove, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

const card = { title: "one", buttons: [{ id: 1, big: 1.5, is: true }, null, "ä"] }
const data = "{\"b\":1,\"__proto__\":{\"x\":[]},\"a\":\"ä\"}"

/** Unread mentions in that conversation; nothing is said where there are none. */
const mentions = (user: UserId, conversation: ConversationId) =>
  Effect.map(listed(user), (all) => all.find((item) => item.conversation === conversation)?.mentions)

/** What the last entry, or the one at that place, has beside its words. */
const wordsAt = (conversation: ConversationId, seq: number) =>
  Effect.map(entries(conversation), (all) => {
    const entry = all.find((each) => each.seq === seq)
    const { data, mentions } = entry?.kind === "text" || entry?.kind === "edit"
      ? { mentions: undefined, data: undefined, ...entry }
      : { data: undefined, mentions: undefined }
    return [mentions, data === undefined ? undefined : JSON.stringify(data)]
  })

export const wordCases: ReadonlyArray<ContractCase> = [
  contractCase("data is kept as it came, its names in their order", function*({ alice, conversation }) {
    const other = JSON.stringify(card)
    yield* commit(text(alice, conversation, "", { data }), text(alice, conversation, "two", { data: other }))
    assert.deepEqual(yield* wordsAt(conversation, 1), [undefined, data])
    assert.deepEqual(yield* wordsAt(conversation, 2), [undefined, other])
  }),

  contractCase(
    "an edit with data replaces the data, one without leaves it, and a text that is deleted has none",
    function*({ alice, conversation }) {
      yield* commit(text(alice, conversation, "one", { data }), edit(alice, conversation, 1, "two"))
      assert.deepEqual(yield* wordsAt(conversation, 1), [undefined, data])
      assert.deepEqual(yield* wordsAt(conversation, 2), [undefined, undefined])
      yield* commit(edit(alice, conversation, 1, "three", { data: "{\"n\":2}" }))
      assert.deepEqual(yield* wordsAt(conversation, 1), [undefined, "{\"n\":2}"])
      assert.deepEqual(yield* wordsAt(conversation, 3), [undefined, "{\"n\":2}"])
      yield* commit(remove(alice, conversation, 1))
      assert.deepEqual(yield* wordsAt(conversation, 1), [undefined, undefined])
      assert.deepEqual(yield* wordsAt(conversation, 3), [undefined, undefined])
    }
  ),

  contractCase(
    "P3 mentions and data are of what a message says: under the same id others are a conflict",
    function*({ alice, bob, conversation }) {
      const said = (options: object) => text(alice, conversation, "hello", { id: "1", ...options })
      yield* commit(said({ data, mentions: [bob] }), text(alice, conversation, "hello", { id: "2" }))
      const retries = [
        said({ data, mentions: [bob] }),
        said({ data }),
        said({ mentions: [bob] }),
        said({ data: "{}", mentions: [bob] }),
        said({ data, mentions: [alice] }),
        text(alice, conversation, "hello", { id: "2", data }),
        text(alice, conversation, "hello", { id: "2" })
      ]
      const conflict = "id_conflict"
      const expected = ["1 again", conflict, conflict, conflict, conflict, conflict, "2 again"]
      assert.deepEqual(yield* commit(...retries), expected)
      // Also when what it is compared with is gone.
      yield* commit(
        edit(alice, conversation, 1, "hello!", { data: "{\"n\":2}", id: "e" }),
        edit(alice, conversation, 2, "hello!")
      )
      assert.deepEqual(yield* commit(...retries), expected)
      yield* commit(remove(alice, conversation, 1))
      assert.deepEqual(yield* commit(...retries), expected)
      assert.deepEqual(
        yield* commit(
          edit(alice, conversation, 1, "hello!", { data: "{\"n\":2}", id: "e" }),
          edit(alice, conversation, 1, "hello!", { data: "{\"n\":3}", id: "e" }),
          edit(alice, conversation, 1, "hello!", { id: "e" })
        ),
        ["3 again", conflict, conflict]
      )
    }
  ),

  contractCase(
    "P3 mentions and data are compared with a retry when their message is trimmed",
    function*({ alice, bob, conversation, store }) {
      const now = yield* Clock.currentTimeMillis
      const said = (options: object) => text(alice, conversation, "old", { id: "1", at: now - 20, ...options })
      yield* commit(said({ data, mentions: [bob] }), text(bob, conversation, "new", { at: now }))
      yield* store.trim({ before: now - 10 })
      assert.equal((yield* entries(conversation)).length, 1)
      assert.deepEqual(
        yield* commit(said({ data, mentions: [bob] }), said({ data }), said({ mentions: [bob] })),
        ["1 again", "id_conflict", "id_conflict"]
      )
    }
  ),

  contractCase(
    "of a direct conversation its two may be mentioned, and not everybody",
    function*({ alice, bob, carol, conversation }) {
      assert.deepEqual(
        yield* commit(
          text(alice, conversation, "you and me", { mentions: [bob, alice] }),
          text(alice, conversation, "her", { mentions: [bob, carol] }),
          text(alice, conversation, "all", { mentions: [everybody] })
        ),
        ["1", "invalid_target", "invalid_target"]
      )
      assert.deepEqual(yield* wordsAt(conversation, 1), [[bob, alice], undefined])
    }
  ),

  contractCase(
    "of a group those may be mentioned who are in it at that place of the log",
    function*({ alice, bob, carol, dave, group, store, tea }) {
      yield* commit(created(group, alice, { [bob]: "member" }), text(alice, tea, "both", { mentions: [bob, alice] }))
      assert.deepEqual(
        yield* commit(
          text(alice, tea, "not yet", { mentions: [carol] }),
          change(alice, group, { action: "members_added", members: [carol] }),
          text(alice, tea, "now", { mentions: [carol] }),
          change(alice, group, { action: "members_removed", members: [bob] }),
          text(alice, tea, "not any more", { mentions: [bob, carol] }),
          text(alice, tea, "nobody", { mentions: [dave] })
        ),
        ["invalid_target", "3", "4", "5", "invalid_target", "invalid_target"]
      )
      const [left, never] = (yield* store.commit([
        text(alice, tea, "left", { mentions: [bob] }),
        text(alice, tea, "never there", { mentions: [dave] })
      ], [])).appends
      assert.ok(left?._tag === "Rejected" && never?._tag === "Rejected")
      // Who it is, and nothing of whether there is somebody of that name.
      assert.equal(left.error.message.replace(bob, dave), never.error.message)
    }
  ),

  contractCase(
    "everybody is mentioned by owners and admins",
    function*({ alice, bob, carol, group, tea }) {
      yield* commit(created(group, alice, { [bob]: "admin", [carol]: "member" }))
      assert.deepEqual(
        yield* commit(
          ...[alice, bob, carol].map((user) => text(user, tea, "all of you", { mentions: [everybody] })),
          change(alice, group, { action: "role_set", user: carol, role: "admin" }),
          text(carol, tea, "all of you", { mentions: [everybody] })
        ),
        ["2", "3", "forbidden", "4", "5"]
      )
      assert.deepEqual([yield* mentions(alice, tea), yield* mentions(bob, tea), yield* mentions(carol, tea)], [2, 2, 2])
    }
  ),

  contractCase(
    "P3 a retry is known although who it mentions has left since",
    function*({ alice, bob, group, tea }) {
      const said = text(alice, tea, "you", { id: "1", mentions: [bob] })
      yield* commit(created(group, alice, { [bob]: "member" }), said)
      yield* commit(change(bob, group, { action: "left" }))
      assert.deepEqual(yield* commit(said), ["2 again"])
    }
  ),

  contractCase(
    "unread mentions are those behind the read cursor that are not deleted, by others, and of oneself",
    function*({ alice, bob, conversation }) {
      const you = () => text(alice, conversation, "you", { mentions: [bob] })
      yield* commit(you(), you(), text(alice, conversation), you())
      yield* commit(text(alice, conversation, "me", { mentions: [alice] }))
      yield* commit(text(bob, conversation, "me", { mentions: [bob] }))
      assert.deepEqual([yield* mentions(bob, conversation), yield* mentions(alice, conversation)], [3, undefined])
      yield* move(read(bob, conversation, 1))
      assert.equal(yield* mentions(bob, conversation), 2)
      yield* commit(remove(alice, conversation, 2), edit(alice, conversation, 4, "you!"))
      assert.equal(yield* mentions(bob, conversation), 1)
      yield* move(read(bob, conversation, 4))
      assert.equal(yield* mentions(bob, conversation), undefined)
    }
  ),

  contractCase("unread mentions are counted alike, however much there is", function*({ alice, bob, conversation }) {
    const you = (count: number) =>
      commit(...Array.range(1, count).map(() => text(alice, conversation, "you", { mentions: [bob] })))
    yield* you(2)
    yield* many(alice, conversation, 100)
    assert.equal(yield* mentions(bob, conversation), 2)
    // Past as many unread as are counted there may be mentions, too.
    yield* many(alice, conversation, 1_000)
    yield* you(3)
    assert.equal(yield* mentions(bob, conversation), 5)
    yield* move(read(bob, conversation, 1))
    assert.equal(yield* mentions(bob, conversation), 4)
    yield* you(1_000)
    assert.equal(yield* mentions(bob, conversation), 1_000)
  }),

  contractCase(
    "mentions by somebody who was blocked then are not among the unread ones",
    function*({ alice, bob, conversation, store }) {
      const you = (at: number) => text(bob, conversation, "you", { mentions: [alice], at })
      yield* commit(you(1))
      yield* store.setBlock(alice, bob, true, 10)
      yield* commit(you(15))
      assert.equal(yield* mentions(alice, conversation), 1)
      yield* store.setBlock(alice, bob, false, 20)
      yield* commit(you(20))
      assert.equal(yield* mentions(alice, conversation), 2)
    }
  ),

  contractCase(
    "whoever comes, or comes again, is not mentioned by what was said before",
    function*({ alice, bob, carol, group, tea }) {
      const all = () => text(alice, tea, "all", { mentions: [everybody] })
      yield* commit(created(group, alice, { [bob]: "member" }), all(), text(alice, tea, "you", { mentions: [bob] }))
      yield* commit(change(alice, group, { action: "members_added", members: [carol] }), all())
      assert.deepEqual([yield* mentions(bob, tea), yield* mentions(carol, tea)], [3, 1])
      yield* commit(change(bob, group, { action: "left" }), all())
      assert.deepEqual(yield* listed(bob), [])
      yield* commit(change(alice, group, { action: "members_added", members: [bob] }))
      assert.deepEqual([yield* mentions(bob, tea), yield* mentions(carol, tea)], [undefined, 2])
      yield* commit(all())
      assert.deepEqual([yield* mentions(bob, tea), yield* mentions(carol, tea)], [1, 3])
    }
  ),

  contractCase("what is trimmed mentions nobody", function*({ alice, bob, conversation, store }) {
    const now = yield* Clock.currentTimeMillis
    yield* commit(
      text(alice, conversation, "you", { mentions: [bob], at: now - 20 }),
      text(alice, conversation, "you", { mentions: [bob], at: now })
    )
    assert.equal(yield* mentions(bob, conversation), 2)
    yield* store.trim({ before: now - 10 })
    assert.equal(yield* mentions(bob, conversation), 1)
  }),

  contractCase(
    "an erasure takes data and mentions from what the user said, and their name keeps no unread mentions",
    function*({ alice, bob, carol, group, tea }) {
      const store = yield* MessageStore
      yield* commit(
        created(group, alice, { [bob]: "admin", [carol]: "member" }),
        text(bob, tea, "all", { data, mentions: [everybody] }),
        edit(bob, tea, 2, "both", { data: "{\"n\":2}" }),
        text(alice, tea, "you two", { mentions: [bob, carol] })
      )
      yield* store.eraseUser(bob)
      assert.deepEqual([yield* wordsAt(tea, 2), yield* wordsAt(tea, 3)], [[undefined, undefined], [
        undefined,
        undefined
      ]])
      assert.deepEqual([yield* mentions(alice, tea), yield* mentions(carol, tea)], [undefined, 1])
      // As the log still says who was in the group, it says who was meant.
      assert.deepEqual(yield* wordsAt(tea, 4), [[bob, carol], undefined])
      yield* commit(change(alice, group, { action: "members_added", members: [bob] }))
      assert.equal(yield* mentions(bob, tea), undefined)
    }
  ),

  contractCase("a list by activity says the same of mentions and data", function*({ alice, bob, conversation, store }) {
    yield* commit(text(alice, conversation, "you", { data, mentions: [bob] }))
    const { items } = yield* store.recent({ user: bob, device: phone, limit: 10 })
    const item = items.find((each) => each.conversation === conversation)
    assert.equal(item?.mentions, 1)
    const last = item?.last_message
    assert.ok(last?.kind === "text")
    assert.deepEqual([last.mentions, JSON.stringify(last.data)], [[bob], data])
  })
]
