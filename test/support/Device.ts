/** A device that survives its connections, for laws of what it has in the end. */
import { Effect } from "effect"
import type { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { type RefOptions, settle, startUser } from "./actors.ts"
import type { MemoryConnection } from "./MemoryConnection.ts"

export abstract class Device {
  readonly user: UserId
  /** Without one its cursor is the user's default one. */
  readonly name: string | undefined
  connection: MemoryConnection | undefined

  constructor(user: UserId, name?: string) {
    this.user = user
    this.name = name
  }

  get isHere(): boolean {
    return this.connection !== undefined && this.connection.closedWith === undefined
  }

  /** On a new connection, whatever becomes of the last one. */
  connect(options: RefOptions = {}) {
    const named = this.name === undefined ? {} : { device: this.name }
    return Effect.map(startUser(this.user, { level: "v1", ...named, ...options }), ({ connection }) => {
      this.connection = connection
    })
  }

  /** Unless it is here. */
  come(options: RefOptions = {}) {
    return Effect.suspend(() => this.isHere ? Effect.void : Effect.andThen(this.connect(options), settle))
  }

  send(frame: object): void {
    if (this.isHere) this.connection!.send(frame)
  }

  /** What has come since the last time. */
  read(): void {
    for (const frame of this.connection?.take() ?? []) this.apply(frame)
  }

  protected abstract apply(frame: ServerFrame): void
}
