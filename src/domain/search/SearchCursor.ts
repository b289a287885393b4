/**
 * Where a page of what was found ended. To a client it is a word of the server's, which tells nothing: the place of the last
 * look may be a message that is not for whoever asked.
 */
import { Schema } from "effect"
import { ConversationId, Seq, Timestamp } from "../Ids.ts"

/** What was found stands by time, and of those at the same time by conversation and place, the newest first. */
export interface SearchPlace {
  readonly at: number
  readonly conversation: ConversationId
  readonly seq: number
}

export const SearchCursor = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,1200}$/u, { expected: "the cursor of the last answer" })),
  Schema.brand("SearchCursor")
)
export type SearchCursor = typeof SearchCursor.Type

/** A place as text, and the way back. */
export const make = ({ at, conversation, seq }: SearchPlace): string => `${at}.${seq}.${conversation}`

const isPlace = Schema.is(Schema.Struct({ at: Timestamp, seq: Seq, conversation: ConversationId }))

/** `undefined` for what is no place. */
export const parse = (text: string): SearchPlace | undefined => {
  const [at = "", seq = ""] = text.split(".", 2)
  const place = { at: Number(at), seq: Number(seq), conversation: text.slice(at.length + seq.length + 2) }
  return isPlace(place) ? place : undefined
}
