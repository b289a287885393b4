/**
 * What several servers on one database need of it beside the `MessageStore`: a journal of what each of them committed, so
 * that each hears of everything, in order, whatever happens to the others and to the bus between them. A store without a
 * journal is for one process.
 */
import { Context, type Effect, type Redacted } from "effect"
import type { Entry } from "../../domain/entries/index.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"
import type { Epoch, Position } from "./Position.ts"

export type { Epoch, Position, Stamp } from "./Position.ts"

/** Rows, and epochs that are silent, are kept for so long; who was away for longer has to begin anew. */
export const keptMillis = 600_000

/** What one step of `trim` removes at most. */
export const trimStep = 1_000

/** Entries of one conversation, one after the other, that one commit wrote. */
export interface Run {
  readonly conversation: ConversationId
  readonly from: number
  readonly to: number
  /** Which commit wrote the entry before `from`, as far as its epoch is still known. */
  readonly after?: Position
  /** Of a group: its version with the last of these. */
  readonly version?: number
  /** Some of these change a group in a way that the first version of the journal did not have. */
  readonly isLater?: true
}

/** What one commit told. */
export interface JournalRow extends Position {
  readonly runs: ReadonlyArray<Run>
  readonly notes: ReadonlyArray<unknown>
  /**
   * It was written by another version and cannot be read here: `runs` and `notes` are empty, and whoever follows has to
   * look at everything anew. It counts as passed like any other.
   */
  readonly unreadable?: true
}

export interface EpochState {
  readonly epoch: Epoch
  /** The server whose epoch it is. */
  readonly node: string
  /** How long ago it gave a sign of life, in milliseconds, by the database's clock. */
  readonly silentMillis: number
  /** The oldest offset that is kept; one more than the last when none is. */
  readonly first: number
  readonly ended: boolean
}

export interface Journalled {
  /** Of each epoch in rising order and without a gap; those of `known` after what is known, others from the first on. */
  readonly rows: ReadonlyArray<JournalRow>
  /** Whether there is more than `limit` let through. */
  readonly hasMore: boolean
  /** All epochs that there are. What is known of others is over: whoever followed them has read all of them. */
  readonly epochs: ReadonlyArray<EpochState>
}

export class Journal extends Context.Service<Journal, {
  /** A new epoch of this server, with its first sign of life. */
  open(node: string): Effect.Effect<Epoch, StoreError>
  /** The last offset of every epoch that there is, 0 where nothing was written. */
  readonly positions: Effect.Effect<ReadonlyMap<Epoch, number>, StoreError>
  /** What was committed since, except in these epochs. `limit` is of rows. */
  since(
    known: ReadonlyMap<Epoch, number>,
    options: { readonly limit: number; readonly except?: Epoch }
  ): Effect.Effect<Journalled, StoreError>
  /** The entries of these runs, in the order of the runs, as `history` would show them now. Some may be gone. */
  entries(
    runs: ReadonlyArray<Pick<Run, "conversation" | "from" | "to">>
  ): Effect.Effect<ReadonlyArray<ReadonlyArray<Entry>>, StoreError>
  /** A sign of life. False when the epoch is not there any more, because it was silent for so long. */
  beat(epoch: Epoch): Effect.Effect<boolean, StoreError>
  /** Nothing more will be written in this epoch; its server has gone. */
  end(epoch: Epoch): Effect.Effect<void, StoreError>
  /**
   * Forgets rows that are older than ten minutes and, where all of them are gone, epochs that have ended or were silent for
   * as long; and tickets that expired as long ago. Any server may, at any time. Works in bounded steps.
   */
  readonly trim: Effect.Effect<void, StoreError>
  /** Larger each time it is asked, by whichever server. */
  readonly nextOrder: Effect.Effect<number, StoreError>
  /** 32 random bytes that are the same for all servers on this database, and known to nobody else. */
  readonly key: Effect.Effect<Redacted.Redacted<Uint8Array>, StoreError>
  /** Keeps what a one-time ticket is good for, for so long or until it is taken, by the store's own clock. */
  putTicket(hash: string, body: string, millis: number): Effect.Effect<void, StoreError>
  /** Answers once, to whichever server asks first, and not after its time. */
  takeTicket(hash: string): Effect.Effect<string | undefined, StoreError>
}>()("switchboard/services/storage/Journal") {}
