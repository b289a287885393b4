/** Limits as settings and `welcome` tell them: 0 is no limit, wherever one is asked. */

/** More than is allowed. */
export const isOver = (limit: number, n: number): boolean => limit > 0 && n > limit

/** As much as is allowed, or more. */
export const isReached = (limit: number, n: number): boolean => limit > 0 && n >= limit

/** The longest text in bytes, where a server sets no other. */
export const usualTextBytes = 16_384

/** The longest token, in characters. */
export const tokenLength = 16_384
