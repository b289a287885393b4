/** Where a page of the latest conversations ended: the time and the name of its last one. Clients only hand it back. */
import { Schema } from "effect"
import { type ConversationId, maxConversationId } from "./Ids.ts"

const pattern = new RegExp(`^([0-9a-z]{1,11})\\.([!-~]{1,${maxConversationId}})$`)

export interface Place {
  /** When something was last said there. */
  readonly at: number
  readonly conversation: ConversationId
}

export const make = ({ at, conversation }: Place): string => `${at.toString(36)}.${conversation}`

export const parse = (cursor: string): Place | undefined => {
  const [, time, conversation] = pattern.exec(cursor) ?? []
  const at = Number.parseInt(time ?? "", 36)
  return Number.isSafeInteger(at) ? { at, conversation: conversation as ConversationId } : undefined
}

export const ListCursor = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter((s: string) => parse(s) !== undefined, { expected: "the cursor of a conversation_list" })
  )
)

/** Latest first; of those at the same time in falling order of name, so that the order is the same for everybody. */
export const isBefore = (a: Place, b: Place): boolean => a.at === b.at ? a.conversation > b.conversation : a.at > b.at
