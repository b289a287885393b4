/** Limits as settings and `welcome` tell them: 0 is no limit, wherever one is asked. */

/** More than is allowed. */
export const isOver = (limit: number, n: number): boolean => limit > 0 && n > limit

/** As much as is allowed, or more. */
export const isReached = (limit: number, n: number): boolean => limit > 0 && n >= limit
