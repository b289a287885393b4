/** The hits of one answer, as many as may be in it, and where it ends. Pure. */
import { redact } from "../../domain/blockSpans.ts"
import type { TextEntry } from "../../domain/entries/Text.ts"
import { match, type Query } from "../../domain/search/query.ts"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import type { SearchHit } from "../../domain/ServerFrame.ts"
import type { Found, SearchPage } from "../storage/Search.ts"

/** A letter may begin every word of a long text, and nobody looks at so many marks. */
export const maxRanges = 100

export interface GatheringOptions {
  readonly query: Query
  readonly limit: number
  /** Bytes of the hits as they are encoded; the first is taken whatever it has. */
  readonly bytes: number
  /** What the reader's blocks keep from them; without, nothing is kept back. */
  readonly blocks: Parameters<typeof redact>[0] | undefined
  readonly sign: (entry: TextEntry) => TextEntry
}

/** Where nothing was looked at yet, everything is behind. */
const isBehind = (place: SearchPlace, after: SearchPlace | undefined): boolean => {
  if (after === undefined || place.at !== after.at) return after === undefined || place.at < after.at
  if (place.conversation !== after.conversation) return place.conversation < after.conversation
  return place.seq < after.seq
}

export class Gathering {
  readonly #options: GatheringOptions
  readonly hits: Array<SearchHit> = []
  #bytes = 0
  #place: SearchPlace | undefined
  #isOver = false

  constructor(options: GatheringOptions, from: SearchPlace | undefined) {
    this.#options = options
    this.#place = from
  }

  /** How many more may be taken. */
  get room(): number {
    return this.#options.limit - this.hits.length
  }

  /** Where the next look begins, and the next answer; `undefined` where there is no more. */
  get next(): SearchPlace | undefined {
    return this.#isOver ? undefined : this.#place
  }

  /** Takes what a store has found behind `next`. Returns whether there is room for more, and more. */
  add({ found, next }: SearchPage): boolean {
    const before = this.#place
    for (const each of found) {
      if (!this.#take(each)) return false
    }
    if (next !== undefined && isBehind(next, this.#place)) this.#place = next
    // A store that does not go on has come to its end, too.
    this.#isOver = next === undefined || this.#place === before
    return !this.#isOver && this.room > 0
  }

  /** Returns whether it fitted. */
  #take({ conversation, entry }: Found): boolean {
    const { blocks, bytes, query, sign } = this.#options
    const seen = blocks === undefined ? entry : redact(blocks, entry)
    // What its reader would be shown without its words is not found by them.
    if (seen.kind === "text" && seen.deleted !== true) {
      const names = seen.attachments?.map(({ name }) => name)
      const ranges = match(query, seen.text ?? "", names)?.slice(0, maxRanges) ?? []
      const hit: SearchHit = { conversation, ...sign(seen), ranges }
      const size = Buffer.byteLength(JSON.stringify(hit))
      if (this.room === 0 || (this.hits.length > 0 && this.#bytes + size > bytes)) return false
      this.hits.push(hit)
      this.#bytes += size
    }
    this.#place = { at: entry.at, conversation, seq: entry.seq }
    return true
  }
}
