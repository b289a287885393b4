/** Which entries a search finds and in which order, said once for all stores. */
import type { TextEntry } from "../../domain/Entry.ts"
import { hasLink } from "../../domain/search/links.ts"
import { match } from "../../domain/search/query.ts"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import { type EntryRow, toEntry } from "./Rows.ts"
import type { Found, SearchOptions } from "./Search.ts"

/** The newer is the smaller. */
export const newestFirst = (a: SearchPlace, b: SearchPlace): number =>
  b.at - a.at || (a.conversation > b.conversation ? -1 : a.conversation < b.conversation ? 1 : b.seq - a.seq)

/** Whether it stands behind the place where the last page ended. */
export const isBehind = (after: SearchPlace | undefined, place: SearchPlace): boolean =>
  after === undefined || newestFirst(after, place) < 0

export const placeOf = ({ at, conversation, seq }: SearchPlace): SearchPlace => ({ at, conversation, seq })

/** What an entry has to be, beside its words. */
export const fits = (
  { afterAt = Number.NEGATIVE_INFINITY, beforeAt = Number.POSITIVE_INFINITY, sender }: SearchOptions,
  row: Pick<EntryRow, "at" | "flag" | "kind" | "sender">
): boolean =>
  row.kind === "text" && row.flag === 0 && row.at < beforeAt && row.at > afterAt &&
  (sender === undefined || row.sender === sender)

/** Of its files. */
export const namesOf = (attachments: string | null | undefined): ReadonlyArray<string> =>
  // A column that an older version did not have.
  attachments === null || attachments === undefined
    ? []
    : (JSON.parse(attachments) as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name)

const hasWanted = (has: SearchOptions["has"], text: string, names: ReadonlyArray<string>): boolean =>
  has === undefined || (has === "file" ? names.length > 0 : hasLink(text))

/** Whether it is found, as it is now. */
export const isFound = (options: SearchOptions, row: EntryRow): boolean => {
  if (!fits(options, row)) return false
  const text = row.body ?? ""
  const names = namesOf(row.attachments)
  return hasWanted(options.has, text, names) && match(options.query, text, names) !== undefined
}

/** As a search answers it. */
export const foundIn = (row: EntryRow): Found => ({
  conversation: row.conversation,
  // Nothing else fits.
  entry: toEntry(row) as TextEntry
})
