/**
 * Which connections have cursors to write, and when. Moves are written together, in rounds; those of connections that
 * are gone do not wait for a round, because whoever comes back at once would be sent the same again, nor do those whose
 * writing somebody waits for.
 */
import type { CursorSource, MoveRequest } from "./Cursors.ts"
import type { SettleRequest } from "./PersistenceMessage.ts"

/** How often a round begins, at most; a crash in between means that something is sent again. */
export const moveIntervalMillis = 500
/** Moves that are written with one commit; a connection may have thousands. Measured: 128 made others wait too long. */
const maxMoves = 32
/** The same once nobody has said anything for `calmMillis`; measured with SQLite, a move then costs half as much. */
const maxCalmMoves = 256
const calmMillis = 20

export interface Taken {
  readonly moves: ReadonlyArray<MoveRequest>
  /** To be answered once the moves are written: there is nothing left of their connections. */
  readonly settled: ReadonlyArray<SettleRequest>
}

export class CursorBatcher {
  readonly #sources = new Set<CursorSource>()
  readonly #leaving = new Set<CursorSource>()
  readonly #settling = new Map<CursorSource, Array<SettleRequest>>()
  #lastRoundAt = Number.NEGATIVE_INFINITY
  #lastSaidAt = Number.NEGATIVE_INFINITY
  #leftInRound = 0

  add(source: CursorSource): void {
    if (!source.leaving) return void this.#sources.add(source)
    this.#sources.delete(source)
    this.#leaving.add(source)
  }

  /** Somebody waits until all that this connection has is written. */
  settle(request: SettleRequest): void {
    const others = this.#settling.get(request.source)
    if (others === undefined) this.#settling.set(request.source, [request])
    else others.push(request)
  }

  /** Whether there is something to write. */
  get waiting(): boolean {
    return this.#sources.size > 0 || this.#leaving.size > 0 || this.#settling.size > 0
  }

  /** Whether some of it need not wait for the next round. */
  get due(): boolean {
    return this.#leaving.size > 0 || this.#settling.size > 0 || this.#leftInRound > 0
  }

  /**
   * The moves to write now, together with something that `isSaid` or alone; `now` is by the monotonic clock. Under load
   * a round over all sources begins every `moveIntervalMillis` and goes on in passing, a few with each commit, so that no
   * message waits long for them.
   */
  take(now: number, isSaid: boolean): Taken {
    const moves: Array<MoveRequest> = []
    const settled: Array<SettleRequest> = []
    if (isSaid) this.#lastSaidAt = now
    const most = now - this.#lastSaidAt < calmMillis ? maxMoves : maxCalmMoves
    // Of connections that wait for their own, half at most as long as there are others.
    this.#takeSettling(most / 2, moves, settled)
    this.#takeRound(now, most, moves)
    this.#takeSettling(most, moves, settled)
    return { moves, settled }
  }

  #takeRound(now: number, most: number, moves: Array<MoveRequest>): void {
    this.#takeFrom(this.#leaving, this.#leaving.size, most, moves)
    if (this.#leftInRound === 0) {
      if (this.#sources.size === 0 || now - this.#lastRoundAt < moveIntervalMillis) return
      this.#lastRoundAt = now
      this.#leftInRound = this.#sources.size
    }
    this.#leftInRound = this.#takeFrom(
      this.#sources,
      Math.min(this.#leftInRound, this.#sources.size),
      most,
      moves
    )
  }

  /** Whoever has more goes to the end of the queue, so that nobody's many keep another's few from being written. */
  #takeSettling(most: number, moves: Array<MoveRequest>, settled: Array<SettleRequest>): void {
    for (const [source, requests] of this.#settling) {
      if (moves.length >= most) return
      this.#settling.delete(source)
      const state = source.drainMoves((request) => moves.push(request), most - moves.length)
      // What has to wait is for its connection's end to decide, which nobody waits for here.
      if (state === "more") this.#settling.set(source, requests)
      else settled.push(...requests)
    }
  }

  /** Those who wait in vain. */
  giveUpSettling(): ReadonlyArray<SettleRequest> {
    const requests = Array.from(this.#settling.values()).flat()
    this.#settling.clear()
    return requests
  }

  /** All that is left, for the last commit. */
  takeAll(): ReadonlyArray<MoveRequest> {
    const moves: Array<MoveRequest> = []
    this.#takeFrom(this.#leaving, this.#leaving.size, Number.POSITIVE_INFINITY, moves)
    this.#takeFrom(this.#sources, this.#sources.size, Number.POSITIVE_INFINITY, moves)
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
