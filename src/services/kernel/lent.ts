/**
 * Memory of large pieces that is given back as soon as they were used. V8 counts what lies outside of its heap, and looks
 * through all of the heap for every few megabytes of it: of a file of 25 MB that took three times what the file itself
 * did, and everybody's messages waited for it.
 */

/** Those that are whose lender has no more use for them. */
const lent = new WeakSet<Uint8Array>()

/** Smaller pieces may lie in one piece of memory with others, and cost little. */
const worthwhileBytes = 16_384

/** Nobody may look at the piece, or at another view of its memory, from now on. What shares its memory stays. */
export const free = ({ buffer, byteLength, byteOffset }: Uint8Array): void => {
  if (byteLength < worthwhileBytes || byteOffset > 0 || byteLength < buffer.byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** Whoever gets this piece may give it back. */
export const lend = (piece: Uint8Array): void => {
  if (piece.byteLength >= worthwhileBytes) lent.add(piece)
}

/** It was used; what was not lent stays as it is. */
export const giveBack = (piece: Uint8Array): void => {
  if (lent.delete(piece)) free(piece)
}
