/** What a store still has to know of what it removed. */
import { Clock, Effect, Exit, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { ClientId, GroupId, type MessageId, UserId } from "../../domain/Ids.ts"
import { type Append, MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

interface RetentionCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}

const setting = Effect.gen(function*() {
  const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
  const alice = UserId.make(`alice-${suffix}`)
  const now = yield* Clock.currentTimeMillis
  const conversation = Conversation.direct(alice, UserId.make(`bob-${suffix}`))
  let count = 0
  const stamped = (id?: string) => ({
    conversation,
    sender: alice,
    clientId: id === undefined ? undefined : ClientId.make(id),
    messageId: `${suffix}-${count++}` as MessageId,
    at: now
  })
  const text = (body: string, id?: string): Append => ({ ...stamped(id), kind: "text", text: body, replyTo: undefined })
  return { alice, conversation, group: GroupId.make(`g-${suffix}`), now, stamped, text }
})

const commit = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
  const store = yield* MessageStore
  return (yield* store.commit(appends, [])).appends.map((result) =>
    result._tag === "Accepted" ? `${result.seq}${result.duplicate ? " again" : ""}` : result.error.code
  )
})

export const retentionCases: ReadonlyArray<RetentionCase> = [
  {
    name: "P3 a retry is known for a week, also when what it repeats was removed",
    effect: Effect.gen(function*() {
      const { group, stamped, text } = yield* setting
      const store = yield* MessageStore
      const long = "long ".repeat(2_000)
      const said: ReadonlyArray<Append> = [
        text("one", "1"),
        text(long, "2"),
        { ...stamped("3"), kind: "edit", target: 1, text: "one!" },
        { ...stamped("4"), kind: "reaction", target: 2, emoji: "👍", remove: false },
        text("to be deleted", "5"),
        { ...stamped("6"), kind: "delete", target: 5 }
      ]
      const created: Append = {
        ...stamped("7"),
        conversation: Conversation.group(group),
        kind: "group",
        group,
        change: { action: "created", name: "tea", members: [{ user: stamped().sender, role: "owner" }] }
      }
      yield* commit(...said, created)
      const first = (yield* store.commit(said, [])).appends
      // As many as one more would be; then nothing of these is left but their places.
      yield* commit(...Array.from({ length: 300 }, (_, i) => text(`more ${i}`)))
      yield* store.trim({ keep: 0 })
      assert.deepEqual((yield* store.history({ conversation: said[0]!.conversation, after: 0, limit: 10 })).entries, [])
      assert.deepEqual((yield* store.commit(said, [])).appends, first)
      assert.deepEqual(yield* commit(created, text("one!", "1"), text("short", "2"), text("again", "5")), [
        "1 again",
        "id_conflict",
        "id_conflict",
        "id_conflict"
      ])
      assert.deepEqual(
        yield* commit(
          said[0]!,
          { ...stamped(), kind: "edit", target: 1, text: "there is no such message" },
          text("new", "8")
        ),
        ["1 again", "not_found", "307"]
      )
    })
  },
  {
    name: "P3 the ids of a user who is erased are forgotten, and mean something new",
    effect: Effect.gen(function*() {
      const { alice, text } = yield* setting
      const store = yield* MessageStore
      yield* commit(text("old", "1"))
      yield* store.trim({ keep: 0 })
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* commit(text("new", "1")), ["2"])
    })
  },
  {
    name: "what can only be a mistake removes nothing",
    effect: Effect.gen(function*() {
      const { conversation, now, text } = yield* setting
      const store = yield* MessageStore
      yield* commit(text("kept"))
      for (
        const options of [
          { keep: -1 },
          { keep: 0.5 },
          { keep: Number.NaN },
          { before: now + 60_000 },
          { before: Number.NaN },
          { before: Number.POSITIVE_INFINITY, keep: 1 }
        ]
      ) {
        assert.ok(Exit.isFailure(yield* Effect.exit(store.trim(options))), JSON.stringify(options))
      }
      assert.equal((yield* store.history({ conversation, after: 0, limit: 10 })).entries.length, 1)
    })
  }
]
