/**
 * Which connections have cursors to write, and when. Moves are written together, in rounds; those of connections that
 * are gone do not wait for a round, because whoever comes back at once would be sent the same again.
 */
import type { CursorSource, MoveRequest } from "./Cursors.ts"

/** How often a round begins, at most; a crash in between means that something is sent again. */
export const moveIntervalMillis = 500
/** Moves that are written with one commit; a connection may have thousands. Measured: 128 made others wait too long. */
const maxMoves = 32
/** The same, where a connection waits for its own. */
const maxSettled = 256

export class CursorBatcher {
  readonly #sources = new Set<CursorSource>()
  readonly #leaving = new Set<CursorSource>()
  #lastRoundAt = Number.NEGATIVE_INFINITY
  #leftInRound = 0

  add(source: CursorSource): void {
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
   * The moves to write now; `now` is by the monotonic clock. Under load a round over all sources begins every
   * `moveIntervalMillis` and goes on in passing, a few with each commit, so that no message waits long for them.
   */
  take(now: number): ReadonlyArray<MoveRequest> {
    const moves: Array<MoveRequest> = []
    this.#takeFrom(this.#leaving, this.#leaving.size, maxMoves, moves)
    if (this.#leftInRound === 0) {
      if (this.#sources.size === 0 || now - this.#lastRoundAt < moveIntervalMillis) return moves
      this.#lastRoundAt = now
      this.#leftInRound = this.#sources.size
    }
    this.#leftInRound = this.#takeFrom(
      this.#sources,
      Math.min(this.#leftInRound, this.#sources.size),
      maxMoves,
      moves
    )
    return moves
  }

  /** All that is left, for the last commit. */
  takeAll(): ReadonlyArray<MoveRequest> {
    const moves: Array<MoveRequest> = []
    this.#takeFrom(this.#leaving, this.#leaving.size, Number.POSITIVE_INFINITY, moves)
    this.#takeFrom(this.#sources, this.#sources.size, Number.POSITIVE_INFINITY, moves)
    return moves
  }

  /** What one connection has, as far as it is not too much at once. */
  takeOf(source: CursorSource): ReadonlyArray<MoveRequest> {
    const moves: Array<MoveRequest> = []
    this.#sources.delete(source)
    this.#leaving.delete(source)
    if (source.drainMoves((request) => moves.push(request), maxSettled) !== "done") this.add(source)
    return moves
  }

  /** The store did not take them: nobody is in a hurry any more. */
  restore(moves: ReadonlyArray<MoveRequest>): void {
    for (const request of moves) {
      request.source.restore(request)
      this.#sources.add(request.source)
    }
  }

  /** Returns how many of the first `count` sources are left. Those that have nothing ready go to the end of the queue. */
  #takeFrom(sources: Set<CursorSource>, count: number, most: number, moves: Array<MoveRequest>): number {
    let left = count
    for (const source of sources) {
      if (left === 0 || moves.length >= most) return left
      sources.delete(source)
      const state = source.drainMoves((request) => moves.push(request), most - moves.length)
      if (state !== "done") sources.add(source)
      if (state !== "more") left--
    }
    return left
  }
}
