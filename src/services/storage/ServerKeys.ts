/** Secrets that all servers on a store share and nobody has to configure: made when they are first asked for, then kept. */
import { Context, type Effect, type Redacted } from "effect"
import type { StoreError } from "./MessageStore.ts"

export class ServerKeys extends Context.Service<ServerKeys, {
  /** 32 random bytes under this name; the same for everybody who asks, at the same time too. */
  key(name: string): Effect.Effect<Redacted.Redacted<Uint8Array>, StoreError>
}>()("switchboard/services/storage/ServerKeys") {}
