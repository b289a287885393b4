/** Places in the journal that several servers on one database keep of their commits (`Journal.ts`). */

/**
 * One run of one writer, which makes its commits one after the other. So what it wrote becomes visible in order, and no
 * gap in it can hide. Numbers of epochs say nothing about their order in time.
 */
export type Epoch = number

/** Where in the journal something stands. Offsets of an epoch are contiguous from 1. */
export interface Position {
  readonly epoch: Epoch
  readonly offset: number
}

/** With which position a commit goes into the journal, if it has anything to tell others: a fresh entry, or notes. */
export interface Stamp extends Position {
  /** Anything that is JSON, for the other servers. */
  readonly notes: ReadonlyArray<unknown>
}
