/** A client of the original frames that survives its connections: it drops every `seq` that it has seen. */
import { assert } from "@effect/vitest"
import type { MemoryConnection } from "./MemoryConnection.ts"

export class PlainDevice {
  readonly user: string
  /** Without one its cursor is the user's default one. */
  readonly name: string | undefined
  readonly texts = new Map<number, string>()
  /** The newest last; what comes on one that is being replaced is read too. */
  readonly #connections: Array<MemoryConnection> = []

  constructor(user: string, name?: string) {
    this.user = user
    this.name = name
  }

  get connection(): MemoryConnection | undefined {
    return this.#connections.at(-1)
  }

  get isHere(): boolean {
    return this.connection !== undefined && this.connection.closedWith === undefined
  }

  attach(connection: MemoryConnection): void {
    this.#connections.push(connection)
  }

  /** What has come to the last byte; of what was under way when a line ended it has nothing. */
  read(): void {
    for (const { taken } of this.#connections) {
      let last = 0
      for (const frame of taken) {
        if (frame.type !== "incoming_message") continue
        assert.isAbove(frame.seq, last, "in order, and once on one connection")
        last = frame.seq
        this.texts.set(frame.seq, frame.text)
      }
    }
  }
}
