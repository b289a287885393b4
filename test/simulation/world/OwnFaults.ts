/** P9 on one line: an error answers what was said over it, and it is ended for bad input only where that was its own. */
import * as CloseCode from "../../../src/domain/CloseCode.ts"
import type { Decoded } from "../../../src/domain/FrameCodec.ts"
import { isReached } from "../../../src/domain/Limit.ts"
import type { ErrorFrame } from "../../../src/domain/ServerFrame.ts"
import type { Violated } from "../violation.ts"

/** Whoever is closed as a flood was refused that often before (`FrameLimits`). */
const leastFlood = 20

export interface OwnFaultsOptions {
  readonly maxInvalidFrames: number
  readonly violated: Violated
}

export class OwnFaults {
  readonly #options: OwnFaultsOptions
  /** Frames that had no error yet, by their name; those without one are under "". */
  readonly #said = new Map<string, number>()
  #frames = 0
  #invalid = 0

  constructor(options: OwnFaultsOptions) {
    this.#options = options
  }

  said(decoded: Decoded): void {
    const id = (decoded._tag === "Frame" ? decoded.frame.id : decoded.id) ?? ""
    this.#said.set(id, (this.#said.get(id) ?? 0) + 1)
    this.#frames++
    if (decoded._tag === "Invalid") this.#invalid++
  }

  told(text: string): void {
    if (!text.startsWith("{\"type\":\"error\"")) return
    const { id = "" } = JSON.parse(text) as ErrorFrame
    const left = this.#said.get(id) ?? 0
    if (left === 0) this.#options.violated("an error answers a frame of its own line", text)
    this.#said.set(id, left - 1)
  }

  /** Returns whether that was for what came over it. */
  ended(code: number): boolean {
    const { maxInvalidFrames, violated } = this.#options
    const law = "a line is ended for its own faults"
    if (code === CloseCode.TooManyInvalidFrames.code) {
      if (!isReached(maxInvalidFrames, this.#invalid)) violated(law, `${code} after ${this.#invalid} invalid frames`)
      return true
    }
    if (code !== CloseCode.Flood.code) return false
    if (this.#frames < leastFlood) violated(law, `${code} after ${this.#frames} frames`)
    return true
  }
}
