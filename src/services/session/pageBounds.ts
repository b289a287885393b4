/** How much a page of history may be. */
import type { Entry } from "../../domain/Entry.ts"
import { isOver } from "../../domain/Limit.ts"

/**
 * Bytes of a page of history. One of long texts has fewer of them, and says that there are more: 100 of 16 KiB would hold
 * up everybody else, and what is much of a connection's outbound memory would close it (P9).
 */
export const pageBytesOf = (maxOutboundBytes: number): number =>
  isOver(maxOutboundBytes, 4 * maxPageBytes) ? Math.floor(maxOutboundBytes / 4) : maxPageBytes

const maxPageBytes = 262_144

/** As it is encoded: a control character is six bytes. */
const bytesOf = (entry: Entry): number => Buffer.byteLength(JSON.stringify(entry))

/** At least as many, and cheap to know: what is not text, files, names, data or a list of members is no longer than this. */
const mostBytesOf = (entry: Entry): number =>
  entry.kind === "group" || "attachments" in entry || "mentions" in entry || "data" in entry
    ? bytesOf(entry)
    : 512 + ("text" in entry ? 6 * (entry.text?.length ?? 0) : 0)

/** How many of these fit, at least one. What is not there takes next to nothing. */
export const fitting = (entries: ReadonlyArray<Entry | undefined>, pageBytes: number): number => {
  let most = 0
  for (const entry of entries) most += entry === undefined ? 0 : mostBytesOf(entry)
  if (most <= pageBytes) return entries.length
  let bytes = 0
  for (const [count, entry] of entries.entries()) {
    bytes += entry === undefined ? 0 : bytesOf(entry)
    if (bytes > pageBytes && count > 0) return count
  }
  return entries.length
}

/** As many entries as fit; from the newest end where the page was asked for backwards. */
export const bounded = (entries: ReadonlyArray<Entry>, backwards: boolean, pageBytes: number): ReadonlyArray<Entry> => {
  const count = fitting(backwards ? entries.toReversed() : entries, pageBytes)
  if (count === entries.length) return entries
  return backwards ? entries.slice(entries.length - count) : entries.slice(0, count)
}

/** A place in a log that stores can hold; what is further is beyond every log. */
export const place = (n: number): number => Math.min(n, Number.MAX_SAFE_INTEGER)
