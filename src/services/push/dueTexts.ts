/** Of what was said, what somebody is to be told of who has not taken it. Pure. */
import { isMentioned } from "../../domain/entries/Mentions.ts"
import type { Entry, TextEntry } from "../../domain/Entry.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import { maxPushText, type PushPayload } from "../../domain/push.ts"
import { isSilent, type PushReader } from "../storage/PushRecords.ts"

export interface Due {
  readonly latest: TextEntry
  readonly count: number
  readonly mentions: boolean
}

interface DueOptions {
  readonly reader: PushReader
  readonly entries: ReadonlyArray<Entry>
  /** They were told of what is before. */
  readonly from: number
  /** What is after it has not waited for long enough. */
  readonly ripeSeq: number
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly withholds: (entry: Pick<Entry, "at" | "sender">) => boolean
}

/** All of it that is new for the reader, once the first of it has waited for long enough. */
export const dueOf = ({ entries, from, now, reader, ripeSeq, withholds }: DueOptions): Due | undefined => {
  const { delivered, firstVisible, user } = reader
  const after = Math.max(delivered, firstVisible - 1, from - 1)
  const texts = entries.filter((entry): entry is TextEntry =>
    entry.kind === "text" && entry.seq > after && entry.sender !== user && entry.deleted === undefined &&
    !isSilent(reader, entry, now) && !withholds(entry)
  )
  const [first] = texts
  const latest = texts.at(-1)
  if (first === undefined || latest === undefined || first.seq > ripeSeq) return undefined
  return { latest, count: texts.length, mentions: texts.some((text) => isMentioned(text, user)) }
}

/** No half of a character. */
const begun = (text: string): string => {
  const cut = text.slice(0, maxPushText)
  return text.length > maxPushText && /[\uD800-\uDBFF]$/u.test(cut) ? cut.slice(0, -1) : cut
}

export const payloadOf = (
  conversation: ConversationId,
  { count, latest, mentions }: Due,
  names: { readonly sender: string | undefined; readonly group: string | undefined }
): PushPayload => ({
  type: "message",
  conversation,
  seq: latest.seq,
  sender: latest.sender,
  ...(names.sender === undefined ? undefined : { sender_name: names.sender }),
  ...(names.group === undefined ? undefined : { group_name: names.group }),
  text: begun(latest.text ?? ""),
  at: latest.at,
  ...(mentions ? { mentions } : undefined),
  unread: count
})
