/** Whose a file is and what it is, and the secrets of servers, in memory. */
import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { FileRecords } from "./FileRecords.ts"
import type { MemoryFiles } from "./MemoryFiles.ts"
import { ServerKeys } from "./ServerKeys.ts"

export const memoryFileRecords = (files: MemoryFiles): FileRecords["Service"] =>
  FileRecords.of({
    begin: (file, maxBytes) => Effect.sync(() => files.begin(file, maxBytes)),
    finish: (file, what) => Effect.sync(() => files.finish(file, what)),
    release: (file) => Effect.sync(() => files.release(file)),
    get: (file) => Effect.sync(() => files.get(file)),
    list: (options) => Effect.sync(() => files.list(options)),
    usage: (owner) => Effect.sync(() => files.usage(owner)),
    discard: (file) => Effect.sync(() => files.discard(file)),
    unneeded: (bounds) => Effect.sync(() => files.unneeded(bounds)),
    forget: (gone) => Effect.sync(() => files.forget(gone)),
    known: (asked) => Effect.sync(() => asked.filter((file) => files.get(file) !== undefined)),
    uses: (file, limit) => Effect.sync(() => files.uses(file, limit))
  })

export const memoryServerKeys = (): ServerKeys["Service"] => {
  const keys = new Map<string, Redacted.Redacted<Uint8Array>>()
  return ServerKeys.of({
    key: (name) =>
      Effect.sync(() => {
        let key = keys.get(name)
        if (key === undefined) keys.set(name, key = Redacted.make(new Uint8Array(randomBytes(32))))
        return key
      })
  })
}
