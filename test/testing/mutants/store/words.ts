/** Retention, words, and the log itself. */
import { Effect } from "effect"
import { everybody } from "../../../../src/domain/entries/Mentions.ts"
import type { Entry, TextEntry } from "../../../../src/domain/Entry.ts"
import type { ConversationSummary } from "../../../../src/domain/ServerFrame.ts"
import { type Append, StoreError } from "../../../../src/services/storage/MessageStore.ts"
import type { Mutants } from "../Mutant.ts"
import {
  appends,
  does,
  entries,
  forgetsIds,
  isAbout,
  isFresh,
  isIn,
  items,
  keepsIds,
  lets,
  refuses,
  results,
  some,
  store
} from "./breaking.ts"

const mentions = (append: Append): boolean => append.kind === "text" && append.mentions !== undefined
const all = (append: Append): boolean =>
  append.kind === "text" && append.mentions?.some((each) => each === everybody) === true
const isRevised = some(({ kind }) => kind === "edit" || kind === "delete")

const oneMoreMention = (item: ConversationSummary) => ({ ...item, mentions: (item.mentions ?? 0) + 1 })

const texts = (change: (entry: TextEntry) => TextEntry) =>
  entries((entry): Entry => entry.kind === "text" ? change(entry) : entry)

export const retention: Mutants = {
  "retention: first_seq moves, the head stays, cursors behind it begin at the first": store.answers(
    "history",
    (page) => ({ ...page, firstSeq: Math.min(1, page.headSeq) })
  ),
  "P3 a retry is known for a week, also when what it repeats was removed": store.since("trim", forgetsIds()),
  "P3 the ids of a user who is erased are forgotten, and mean something new": keepsIds(({ kind }) => kind === "text"),
  "what can only be a mistake removes nothing": store.changed(({ trim }) => ({
    trim: (options) => Effect.orElseSucceed(trim(options), () => 0)
  }))
}

export const words: Mutants = {
  "data is kept as it came, its names in their order": texts((entry) =>
    entry.data === undefined
      ? entry
      : { ...entry, data: Object.fromEntries(Object.entries(entry.data).toReversed()) }
  ),
  "an edit with data replaces the data, one without leaves it, and a text that is deleted has none": appends((append) =>
    append.kind === "edit" ? { data: "{}", ...append } : append
  ),
  "P3 mentions and data are of what a message says: under the same id others are a conflict": lets(
    "id_conflict",
    (append) => "data" in append || "mentions" in append
  ),
  "P3 mentions and data are compared with a retry when their message is trimmed": store.since(
    "trim",
    lets("id_conflict")
  ),
  "of a direct conversation its two may be mentioned, and not everybody": lets(
    "invalid_target",
    (append) => isIn("dm")(append) && mentions(append)
  ),
  "of a group those may be mentioned who are in it at that place of the log": lets(
    "invalid_target",
    (append) => isIn("group")(append) && mentions(append)
  ),
  "everybody is mentioned by owners and admins": lets("forbidden", all),
  "P3 a retry is known although who it mentions has left since": store.since(
    "commit",
    refuses("invalid_target", mentions),
    some(does("left"))
  ),
  "unread mentions are those behind the read cursor that are not deleted, by others, and of oneself": (services) => {
    const most = new Map<string, number>()
    return items((item, user) => {
      const key = `${user} ${item.conversation}`
      most.set(key, Math.max(most.get(key) ?? 0, item.mentions ?? 0))
      return { ...item, mentions: most.get(key)! }
    })(services)
  },
  "unread mentions are counted alike, however much there is": items((item) =>
    item.unread < 1_000 ? item : { ...item, mentions: 1_000 }
  ),
  "mentions by somebody who was blocked then are not among the unread ones": store.since(
    "setBlock",
    items(oneMoreMention)
  ),
  "whoever comes, or comes again, is not mentioned by what was said before": store.since(
    "commit",
    items(oneMoreMention),
    some(does("members_added"))
  ),
  "what is trimmed mentions nobody": store.since("trim", items(oneMoreMention)),
  "an erasure takes data and mentions from what the user said, and their name keeps no unread mentions": store.since(
    "eraseUser",
    texts((entry) => entry.deleted === true ? { ...entry, data: { n: 2 } } : entry)
  ),
  "a list by activity says the same of mentions and data": items(({ mentions: _, ...item }) => item, "recent")
}

export const log: Mutants = {
  "P2 sequence numbers are contiguous from 1 in each conversation": (services) => {
    let seq = 0
    return results((result) => isFresh(result) ? { ...result, seq: ++seq } : result)(services)
  },
  "P2 concurrent commits leave no gap and no double": (services) => {
    let count = 0
    return results((result) =>
      result._tag === "Accepted" && ++count % 10 === 0 ? { ...result, seq: result.seq - 1 } : result
    )(services)
  },
  "a refused append costs no sequence number, and the rest of its batch is kept": store.answers("commit", (answer) => {
    let refused = 0
    return {
      ...answer,
      appends: answer.appends.map((result) => {
        if (result._tag === "Accepted") return { ...result, seq: result.seq + refused }
        refused++
        return result
      })
    }
  }),
  "edits change the shown text; only the sender's, and only of what is there": lets(
    "forbidden",
    ({ kind }) => kind === "edit"
  ),
  "a deleted text keeps its place and loses its text and the texts of its edits": entries((entry) =>
    entry.kind === "edit" && entry.text === undefined ? { ...entry, text: "secret!" } : entry
  ),
  "reactions and replies need a target that is there": lets("not_found", isAbout),
  "texts come back as they went in": texts((entry) =>
    entry.text === undefined ? entry : { ...entry, text: entry.text.trim() }
  ),
  "P8 names are only names: constructor, upper and lower case, 128 characters, those of identity providers": refuses(
    "not_found",
    ({ sender }) => sender in {}
  ),
  "history is contiguous in both directions, and says whether there is more": store.answers(
    "history",
    (page, { before }) => before === undefined ? page : { ...page, hasMore: false }
  ),
  "history of what nobody has said yet is an empty page": store.answers(
    "history",
    (page) => page.headSeq === 0 ? { ...page, firstSeq: 1 } : page
  ),
  "the store answers that it is well": store.changed(() => ({
    check: Effect.fail(new StoreError({ kind: "unavailable", message: "It is away." }))
  }))
}

export const retries: Mutants = {
  "P3 the same id and content is the same message, also within one batch": forgetsIds(),
  "P3 the same id with other content is a conflict, in text, target or conversation": lets("id_conflict"),
  "P3 ids belong to their sender": keepsIds(() => true, ({ clientId }) => clientId!),
  "P3 a retry is known after its message was edited or deleted": store.since("commit", forgetsIds(), isRevised),
  "P3 a retry of an edit is known after its target was deleted, and no other text passes for it": store.since(
    "commit",
    lets("id_conflict", ({ kind }) => kind === "edit"),
    isRevised
  ),
  "P3 a retry in a group is known after its sender was taken out": refuses(
    "not_a_member",
    (append, result) => isIn("group")(append) && !isFresh(result)
  ),
  "P3 a change that the group does not want is made only by a retry of what it wanted then": appends(
    ({ refusal: _, ...append }) => append as Append
  ),
  "P3 a reaction is there once, and a removal takes away what is there": results((result, { kind }) =>
    result._tag === "Accepted" && kind === "reaction" ? { ...result, duplicate: false } : result
  )
}
