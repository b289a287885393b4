/** Random ids of traces, drawn in advance: for most messages it is only asked whether theirs is chosen. */
import { randomFillSync } from "node:crypto"

const idBytes = 16
const pool = Buffer.alloc(256 * idBytes)
let at = pool.length

const word = 2 ** 32

/** `undefined` where `chooses` refuses its fraction, before anything else is made of it. */
export const nextTraceId = (chooses: (fraction: number) => boolean): string | undefined => {
  if (at === pool.length) {
    randomFillSync(pool)
    at = 0
  }
  const from = at
  at += idBytes
  const fraction = (pool.readUInt32BE(from + 8) * word + pool.readUInt32BE(from + 12)) / (word * word)
  return chooses(fraction) ? pool.toString("hex", from, from + idBytes) : undefined
}
