/** What is asked of `trim`, and for how long the ids of what it removes are known. */

export interface TrimOptions {
  readonly before?: number
  readonly keep?: number
  /** Named devices that were not used since then begin as new ones when they come back. */
  readonly devicesBefore?: number
}

/** A retry of what was said within a week is known, whether or not it is still kept (P3). In milliseconds. */
export const idsKnownMillis = 7 * 86_400_000
