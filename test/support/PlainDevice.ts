/** A client of the original frames that survives its connections: it drops every `seq` that it has seen. */
import { assert } from "@effect/vitest"
import { type RefOptions } from "./actors.ts"
import { Device } from "./Device.ts"
import type { MemoryConnection } from "./MemoryConnection.ts"

export class PlainDevice extends Device {
  readonly texts = new Map<number, string>()
  /** What comes on one that is being replaced is read too. */
  readonly #connections = new Set<MemoryConnection>()

  override connect(options: RefOptions = {}) {
    if (this.connection !== undefined) this.#connections.add(this.connection)
    return super.connect({ level: "plain", ...options })
  }

  /** What has come to the last byte; of what was under way when a line ended it has nothing. */
  override read(): void {
    for (const { taken } of this.#connections.add(this.connection!)) {
      let last = 0
      for (const frame of taken) {
        if (frame.type !== "incoming_message") continue
        assert.isAbove(frame.seq, last, "in order, and once on one connection")
        last = frame.seq
        this.texts.set(frame.seq, frame.text)
      }
    }
  }

  protected apply(): void {}
}
