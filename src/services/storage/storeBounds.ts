/** How long the server waits for its store, whichever it is, in milliseconds. docs/operations.md says them too. */

/** A question, or a small write. */
export const askMillis = 5_000

/** A batch of messages. Postgres gives up a statement before (`PostgresMessageStore`). */
export const commitMillis = 10_000

/** Whether the store answers at all. */
export const checkMillis = 2_000

/** Once the store answers again: how long a commit that was given up may still come, before others are made. */
export const lateMillis = 30_000

/** Each part of a stop that needs the store. There are five, one after the other, and together they have to be in time. */
export const stopMillis = 700

/** Calls of one kind that were given up and have not ended; past it the store is not asked until one of them has. */
export const maxHanging = { asks: 64, checks: 4, commits: 8 } as const
