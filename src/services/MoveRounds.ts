/**
 * Which connections have cursors to write, and when. Moves are written together, in rounds; those of connections that
 * are gone do not wait for a round, because whoever comes back at once would be sent the same again.
 */
import type { MoveSource } from "./Cursors.ts"
import type { CursorMove } from "./storage/MessageStore.ts"

/** A move and where it came from. */
export interface MoveRequest {
  readonly move: CursorMove
  readonly source: MoveSource
}

/** How often a round begins, at most; a crash in between means that something is sent again. */
export const moveIntervalMillis = 500
/** Connections whose cursors are written with one commit. */
const maxSources = 64

export class MoveRounds {
  readonly #sources = new Set<MoveSource>()
  readonly #leaving = new Set<MoveSource>()
  #lastRoundAt = Number.NEGATIVE_INFINITY
  #leftInRound = 0

  add(source: MoveSource): void {
    if (!source.leaving) return void this.#sources.add(source)
    this.#sources.delete(source)
    this.#leaving.add(source)
  }

  /** Whether there is something to write. */
  get waiting(): boolean {
    return this.#sources.size > 0 || this.#leaving.size > 0
  }

  /** Whether some of it need not wait for the next round. */
  get due(): boolean {
    return this.#leaving.size > 0 || this.#leftInRound > 0
  }

  /**
   * The moves to write now. Under load a round over all sources begins every `moveIntervalMillis` and goes on in
   * passing, a few with each commit, so that no message waits long for them.
   */
  take(now: number): ReadonlyArray<MoveRequest> {
    const moves: Array<MoveRequest> = []
    if (this.#leaving.size > 0) this.#takeFrom(this.#leaving, maxSources, moves)
    if (this.#leftInRound === 0) {
      if (this.#sources.size === 0 || now - this.#lastRoundAt < moveIntervalMillis) return moves
      this.#lastRoundAt = now
      this.#leftInRound = this.#sources.size
    }
    const count = Math.min(this.#leftInRound, maxSources)
    this.#leftInRound -= count
    this.#takeFrom(this.#sources, count, moves)
    return moves
  }

  /** All that is left, for the last commit. */
  takeAll(): ReadonlyArray<MoveRequest> {
    const moves: Array<MoveRequest> = []
    this.#takeFrom(this.#leaving, this.#leaving.size, moves)
    this.#takeFrom(this.#sources, this.#sources.size, moves)
    return moves
  }

  /** The store did not take them: nobody is in a hurry any more. */
  restore(moves: ReadonlyArray<MoveRequest>): void {
    for (const { move, source } of moves) {
      source.restore(move)
      this.#sources.add(source)
    }
  }

  /** Those that have nothing ready go to the end of the queue. */
  #takeFrom(sources: Set<MoveSource>, count: number, moves: Array<MoveRequest>): void {
    for (const source of sources) {
      if (count-- === 0) return
      sources.delete(source)
      if (!source.takeMoves((move) => moves.push({ move, source }))) this.#sources.add(source)
    }
  }
}
