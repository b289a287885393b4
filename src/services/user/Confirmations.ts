/**
 * What a client may say of what was written to it: of each entry once that it came, and once that it was read. That can
 * be no flood, so it is free; whoever says more pays as for any other frame.
 */
import type { Decoded } from "../../domain/FrameCodec.ts"
import { costOf } from "../limits/FrameLimits.ts"

export class Confirmations {
  /** Entries of which the client has not spoken yet. */
  readonly #unspoken = { received: 0, read: 0 }

  written(): void {
    this.#unspoken.received++
    this.#unspoken.read++
  }

  /** What a frame of this kind costs; it counts as said. */
  costOf(kind: "received" | "read"): 0 | 1 {
    if (this.#unspoken[kind] === 0) return 1
    this.#unspoken[kind]--
    return 0
  }
}

/** What a client's frame costs it. */
export const priceOf = (decoded: Decoded, confirmations: Confirmations | undefined): number => {
  if (decoded._tag === "Invalid") return costOf(undefined)
  const { frame } = decoded
  return frame.type === "received" || frame.type === "read" ? confirmations?.costOf(frame.type) ?? 1 : costOf(frame)
}
