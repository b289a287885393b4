/**
 * What files are called. The end of a name is of the store whose records know the file: where two stores are given one
 * place by mistake, neither takes the other's files for its own strays.
 */
import { Effect, Option, Redacted } from "effect"
import { createHash } from "node:crypto"
import { FileId } from "../../domain/Ids.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { ServerKeys } from "../storage/ServerKeys.ts"

const endOf = (key: Uint8Array): string =>
  createHash("sha256").update("files").update(key).digest().readUIntBE(0, 5).toString(36).padStart(8, "0")

const ofNobody = ""

export interface FileIds {
  /** A new one, sortable by time on one server. */
  readonly make: (at: number) => Effect.Effect<FileId>
  /** Before `isOurs` is asked. */
  readonly learn: Effect.Effect<void>
  /** Whether it is of this store; while that is not known, or where it cannot be, none is. */
  readonly isOurs: (file: FileId) => boolean
}

export const makeFileIds: Effect.Effect<FileIds, never, IdGenerator> = Effect.gen(function*() {
  const keys = Option.getOrUndefined(yield* Effect.serviceOption(ServerKeys))
  const ids = yield* IdGenerator
  let end = ofNobody

  // Asked when it is needed: a store that is silent at the start must not hold up a server.
  const learn = Effect.suspend(() =>
    end !== ofNobody || keys === undefined ? Effect.void : keys.key("file-names").pipe(
      Effect.map((key) => {
        end = endOf(Redacted.value(key))
      }),
      Effect.ignore
    )
  )

  return {
    make: (at: number) => Effect.map(learn, () => FileId.make(`f${ids.messageId(at)}${end}`)),
    isOurs: (file: FileId) => end !== ofNobody && file.length === 26 + end.length && file.endsWith(end),
    learn
  }
})
