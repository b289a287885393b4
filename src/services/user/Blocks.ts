/**
 * Whom each user who is here has blocked, and had blocked before: what is kept from all connections of theirs. Read from
 * the store when the first of them comes, shared by all, and changed by each block and its end in the order in which they
 * were accepted.
 */
import { Context, Effect, Exit, FiberSet, Layer, Schedule, Semaphore } from "effect"
import { begin, type BlockSpan, covers, end, maxBlocked, maxSkewMillis, Spans } from "../../domain/blockSpans.ts"
import type { Entry } from "../../domain/Entry.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { UserId } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import { LogClock } from "../storage/LogClock.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"

/** How soon the store is asked again where it has not said what another server changed. */
const againMillis = 250

/** How many changes of one user may wait until others hear of them: past it the store is in trouble, and there are no more. */
const maxUntold = 8

/** How many users' blocks are read at once when another server is gone. */
const readersAtOnce = 4

export interface BlockServices {
  readonly store: Pick<MessageStore["Service"], "blocks" | "setBlock">
  readonly clock: LogClock["Service"]
}

/** A connection from which something was kept, and which can read it from the store. */
export interface BlockReader {
  readonly readAgain: () => void
}

/** The blocks of one user. */
export class Blocks {
  /** Of a connection that belongs to no list: nobody is blocked. */
  static readonly none = new Blocks("" as UserId, undefined)

  readonly user: UserId
  readonly #services: BlockServices | undefined
  /** `undefined` until they are read; nothing passes then. */
  #spans: Spans | undefined
  #changes = 0
  /** Whether a change is on its way to the store. */
  #changing = false
  /** The store gave no answer to a change, or another server made one, so nobody here knows what it has. */
  #doubtful = false
  #lock: Semaphore.Semaphore | undefined
  /** Changes that other servers have not heard of for certain. */
  #untold = 0
  /** By sender, the latest that was withheld, where it bears a time that is still to come here. */
  readonly #ahead = new Map<UserId, number>()
  /** The connections that it holds for here. */
  readonly readers = new Set<BlockReader>()

  constructor(user: UserId, services: BlockServices | undefined) {
    this.user = user
    this.#services = services
    if (services === undefined) this.#spans = new Spans()
  }

  /** Whether the other is blocked now. */
  has(user: UserId): boolean {
    return this.#spans === undefined ? user !== this.user : this.#spans.has(user)
  }

  /** Whether what was said is kept from this user: by its time, so that what is pushed equals what is read later. */
  withholds(entry: Pick<Entry, "at" | "sender">): boolean {
    if (this.#spans === undefined) return true
    const isWithheld = this.#spans.withholds(entry)
    if (isWithheld) this.#noteAhead(entry)
    return isWithheld
  }

  #noteAhead({ at, sender }: Pick<Entry, "at" | "sender">): void {
    if (this.#isAhead(at)) this.#ahead.set(sender, Math.max(at, this.#ahead.get(sender) ?? 0))
  }

  /** Whether that time, which another server gave, is still to come here. */
  #isAhead(at: number): boolean {
    const ahead = at - this.#services!.clock.stamp()
    return ahead >= 0 && ahead <= maxSkewMillis
  }

  /** Behind the beginning of a block, and behind what it has withheld, its end comes, whoever's clock said when that was. */
  #endOf(other: UserId): number {
    const since = this.#spans!.of(other).at(-1)?.since ?? 0
    const after = Math.max(this.#isAhead(since) ? since : 0, this.#ahead.get(other) ?? 0)
    this.#ahead.delete(other)
    return this.#services!.clock.boundary(after)
  }

  /** Who is blocked now, sorted. */
  names(): ReadonlyArray<UserId> {
    return this.#spans?.names() ?? []
  }

  /** Reads them, unless they are known. */
  known(): Effect.Effect<void, StoreError> {
    return this.#spans === undefined || this.#doubtful ? this.refresh() : Effect.void
  }

  /** Another server may have changed them. What is being read may be older, and is not taken. */
  doubt(): void {
    this.#doubtful = true
    this.#changes++
  }

  /** Whether it is known how they are. */
  get isKnown(): boolean {
    return this.#spans !== undefined && !this.#doubtful
  }

  /** Whether they are known as they were, and may have changed. */
  get isDoubtful(): boolean {
    return this.#doubtful
  }

  /** Whether it is open what the store makes of a change: what is withheld may be to be pushed after all. */
  get isChanging(): boolean {
    return this.#changing
  }

  /** Waits for that. */
  decided(): Effect.Effect<void, StoreError> {
    const changed = (this.#lock ??= Semaphore.makeUnsafe(1)).withPermit(Effect.void)
    return Effect.andThen(changed, Effect.suspend(() => this.known()))
  }

  /** Reads them again: another server that shares the store may have changed them. What this one changes is newer. */
  refresh(): Effect.Effect<void, StoreError> {
    if (this.#services === undefined || this.#changing) return Effect.void
    const changes = this.#changes
    return Effect.map(this.#services.store.blocks(this.user), (spans) => {
      if (this.#changes !== changes) return
      const before = this.#spans
      const found = this.#spans = new Spans(spans)
      this.#doubtful = false
      if (before !== undefined && !found.covers(before)) this.#loosened()
    })
  }

  /** From here on a change is told to others, until what is returned is called. */
  telling(): () => void {
    this.#untold++
    return () => {
      this.#untold--
    }
  }

  /**
   * Blocks the other, or not any more. It holds for what is said from this moment on, before the store has it. `unsure` is
   * for when nobody knows whether the store has done it.
   */
  set(other: UserId, on: boolean, unsure: Effect.Effect<unknown> = Effect.void): Effect.Effect<
    void,
    ChatError | StoreError
  > {
    return (this.#lock ??= Semaphore.makeUnsafe(1)).withPermit(
      Effect.andThen(Effect.suspend(() => this.known()), Effect.suspend(() => this.#change(other, on, unsure)))
    )
  }

  #change(other: UserId, on: boolean, unsure: Effect.Effect<unknown>): Effect.Effect<void, ChatError | StoreError> {
    const { clock, store } = this.#services!
    const known = this.#spans!
    if (this.#untold >= maxUntold) return Effect.fail(Errors.storeSilent())
    if (on && !known.has(other) && known.blocked >= maxBlocked) {
      return Effect.fail(Errors.forbidden(`You may block up to ${maxBlocked} users; unblock somebody first.`))
    }
    const before = known.of(other)
    const at = on ? clock.boundary() : this.#endOf(other)
    const expected = on ? begin(before, { blocked: other, since: at }) : end(before, at)
    this.#changing = true
    this.#replace(other, expected)
    return store.setBlock(this.user, other, on, at).pipe(
      Effect.onExit((exit) =>
        Effect.suspend(() => {
          this.#changing = false
          if (Exit.isSuccess(exit)) {
            this.#replace(other, exit.value)
            if (!covers(exit.value, expected)) this.#loosened()
            return Effect.void
          }
          this.#doubtful = true
          this.#replace(other, before)
          return unsure
        })
      ),
      Effect.asVoid
    )
  }

  /** A block was over before this server knew, as when the one that ended it could not say so: what was kept is due (P4). */
  #loosened(): void {
    for (const reader of this.readers) reader.readAgain()
  }

  #replace(other: UserId, spans: ReadonlyArray<BlockSpan>): void {
    this.#changes++
    this.#spans!.replace(other, spans)
  }
}

export class BlockLists extends Context.Service<BlockLists, {
  /** The blocks of a user who has come; the same for all connections of theirs that are here. */
  join(user: UserId, reader: BlockReader): Blocks
  /** This connection is gone. */
  leave(blocks: Blocks, reader: BlockReader): void
  /** Of how many users they are known. */
  readonly size: Effect.Effect<number>
}>()("switchboard/services/user/BlockLists") {
  static readonly layer = Layer.effect(
    BlockLists,
    Effect.gen(function*() {
      const services: BlockServices = { store: yield* MessageStore, clock: yield* LogClock }
      const lists = new Map<UserId, Blocks>()
      const run = yield* FiberSet.makeRuntime<never>()
      const isHere = (blocks: Blocks) => lists.get(blocks.user) === blocks
      // However often the store fails, and whatever is changed here meanwhile: nothing else tells this server later.
      const learn = (blocks: Blocks) =>
        Effect.repeat(Effect.ignore(Effect.suspend(() => isHere(blocks) ? blocks.known() : Effect.void)), {
          schedule: Schedule.spaced(againMillis),
          while: () => !blocks.isKnown && isHere(blocks)
        })
      const cluster = yield* Cluster
      cluster?.onNote((note) => {
        const blocks = note._tag === "Blocked" ? lists.get(note.user) : undefined
        if (blocks === undefined) return
        blocks.doubt()
        run(learn(blocks))
      })
      cluster?.onMissed(() => {
        const all = Array.from(lists.values())
        for (const blocks of all) blocks.doubt()
        run(Effect.forEach(all, learn, { concurrency: readersAtOnce, discard: true }))
      })
      return BlockLists.of({
        join: (user, reader) => {
          let blocks = lists.get(user)
          if (blocks === undefined) lists.set(user, blocks = new Blocks(user, services))
          blocks.readers.add(reader)
          return blocks
        },
        leave: (blocks, reader) => {
          blocks.readers.delete(reader)
          if (blocks.readers.size === 0 && lists.get(blocks.user) === blocks) lists.delete(blocks.user)
        },
        size: Effect.sync(() => lists.size)
      })
    })
  )
}
