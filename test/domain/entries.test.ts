/** A kind of entry is the same facts, however it travels. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Conversation from "../../src/domain/Conversation.ts"
import {
  Entry,
  entryCommands,
  entryOf,
  isChatCommand,
  keep,
  kinds,
  newEntryOf,
  pushFrame,
  readEntry,
  wordsOf
} from "../../src/domain/entries/index.ts"
import { GroupId, MessageId, UserId } from "../../src/domain/Ids.ts"
import { ServerFrame } from "../../src/domain/ServerFrame.ts"

const direct = Conversation.direct(UserId.make("alice"), UserId.make("bob"))
const conversationOf = (entry: Entry) => entry.kind === "group" ? Conversation.group(entry.group) : direct
const isServerFrame = Schema.is(ServerFrame)

describe("entries", () => {
  it.prop("what is pushed says what a page of history shows, and is a frame of the protocol", [Entry], ([entry]) => {
    const push = pushFrame(conversationOf(entry), entry)
    assert.isTrue(isServerFrame(push))
    assert.deepStrictEqual(push.conversation, conversationOf(entry))
    // A deleted text has none, whatever the arbitrary says; a pushed change has no message id.
    const { text: _, ...rest } = entry as { readonly text?: string }
    const shown = entry.kind !== "text" ? entry : entry.deleted === true ? rest : { text: "", ...entry }
    assert.deepStrictEqual(
      entryOf(push),
      (entry.kind === "group" ? { ...entry, message_id: "" } : shown) as Entry
    )
  })

  it.prop("what a command asks for is what is read back", [Schema.Union(Object.values(entryCommands))], ([command]) => {
    const place = { conversation: direct, seq: 3, message_id: MessageId.make("m"), sender: UserId.make("alice"), at: 5 }
    if (!isChatCommand(command)) return
    const created = newEntryOf(command)
    const entry = readEntry({
      kind: created.kind,
      ...place,
      ...keep(created),
      ...wordsOf(created),
      edited_at: null,
      attachments: null
    })
    assert.include(kinds, entry.kind)
    if (entry.kind === "text") {
      assert.deepStrictEqual([entry.text, entry.reply_to], [
        "text" in command ? command.text : "",
        "reply_to" in command ? command.reply_to : undefined
      ])
    } else if (entry.kind !== "group") {
      assert.deepStrictEqual(entry.target, "seq" in command ? command.seq : 0)
    }
  })

  it("a group's conversation names it", () => {
    const id = GroupId.make("g-1")
    assert.deepStrictEqual(Conversation.groupOf(Conversation.group(id)), id)
    assert.isUndefined(Conversation.groupOf(direct))
  })
})
