/** The blocks of users in memory: spans of time by user and name. */
import { begin, type BlockSpan, end, maxSpans, surplus } from "../../domain/blockSpans.ts"
import type { UserId } from "../../domain/Ids.ts"

export interface Position {
  readonly delivered: number
  readonly read: number
}

export interface BlockRow extends BlockSpan {
  /** How far the user was in the direct conversation when the block began, and how far the other. */
  readonly mine: Position
  readonly theirs: Position
}

export class MemoryBlocks {
  readonly #spans = new Map<UserId, Map<UserId, ReadonlyArray<BlockRow>>>()

  /** Begins or ends a block of that name at `row.since`, and answers with the spans of the name. */
  set(user: UserId, row: BlockRow, on: boolean): ReadonlyArray<BlockRow> {
    const before = this.with(user, row.blocked)
    this.#put(user, row.blocked, on ? begin(before, row) : end(before, row.since))
    if (on && this.with(user, row.blocked).length > before.length) this.#bound(user)
    return this.with(user, row.blocked)
  }

  /** All of the user, by name and time. */
  of(user: UserId): ReadonlyArray<BlockRow> {
    const names = Array.from(this.#spans.get(user) ?? [])
    return names.sort(([a], [b]) => a < b ? -1 : 1).flatMap(([, spans]) => spans)
  }

  with(user: UserId, blocked: UserId): ReadonlyArray<BlockRow> {
    return this.#spans.get(user)?.get(blocked) ?? []
  }

  /** What others hold against the name stays theirs; what is over is forgotten. */
  erase(user: UserId): void {
    this.#spans.delete(user)
    for (const blocker of this.#spans.keys()) {
      this.#put(blocker, user, this.with(blocker, user).filter(({ until }) => until === undefined))
    }
  }

  #bound(user: UserId): void {
    let count = 0
    for (const spans of this.#spans.get(user)?.values() ?? []) count += spans.length
    if (count <= maxSpans) return
    for (const gone of surplus(this.of(user))) {
      this.#put(user, gone.blocked, this.with(user, gone.blocked).filter((span) => span !== gone))
    }
  }

  #put(user: UserId, blocked: UserId, spans: ReadonlyArray<BlockRow>): void {
    if (spans.length === 0) return void this.#spans.get(user)?.delete(blocked)
    let names = this.#spans.get(user)
    if (names === undefined) this.#spans.set(user, names = new Map())
    names.set(blocked, spans)
  }
}
