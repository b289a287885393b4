/**
 * The order of a user's conversations by what was said last. A direct conversation has a place in the lists of its
 * members, which is kept to the minute, so that a message seldom moves it. A group would have to be moved for each of
 * its members: it stands at the top of their lists, and whoever reads one looks at all of their groups.
 */
import type { Entry, GroupEntry, TextEntry } from "../../domain/Entry.ts"
import * as ListCursor from "../../domain/ListCursor.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import type { ConversationRow } from "./Rows.ts"
import type { ListOptions } from "./unread.ts"

const accuracyMillis = 60_000

/** Where groups stand. */
export const top = Number.MAX_SAFE_INTEGER

export const activeAt = ({ kind, last_at }: Pick<ConversationRow, "kind" | "last_at">): number =>
  kind === "group" ? top : last_at - last_at % accuracyMillis

export interface RecentOptions extends Pick<ListOptions, "device" | "limit" | "user"> {
  /** Those that were last spoken in before that one. */
  readonly before?: ListCursor.Place
}

/** The latest of those that are looked at. */
export class Latest {
  readonly #options: RecentOptions
  #places: Array<ListCursor.Place> = []

  constructor(options: RecentOptions) {
    this.#options = options
  }

  add(places: ReadonlyArray<ListCursor.Place>): void {
    const { before, limit } = this.#options
    for (const place of places) {
      if (before === undefined || ListCursor.isBefore(before, place)) this.#places.push(place)
    }
    this.#places.sort((a, b) => ListCursor.isBefore(a, b) ? -1 : 1)
    // One more than is wanted says that there are more.
    if (this.#places.length > limit + 1) this.#places.length = limit + 1
  }

  /** Whether all that stand at `active` or after it come later. */
  isDone(active: number): boolean {
    const last = this.#places[this.#options.limit]
    return last !== undefined && active !== top && last.at >= active + accuracyMillis
  }

  get places(): ReadonlyArray<ListCursor.Place> {
    return this.#places
  }
}

/** The time is that of the list, so that a page ends where the next one begins. */
export const recentOf = (
  summary: ConversationSummary,
  at: number,
  last: Entry | undefined
): ConversationSummary => ({
  ...summary,
  last_at: at,
  ...(last === undefined ? undefined : { last_message: last as TextEntry | GroupEntry })
})
