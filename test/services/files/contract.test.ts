/** One contract, every place for files. */
import { describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { join } from "node:path"
import { FolderFileStore } from "../../../src/services/files/FolderFileStore.ts"
import { MemoryFileStore } from "../../../src/services/files/MemoryFileStore.ts"
import { S3FileStore } from "../../../src/services/files/S3FileStore.ts"
import { fileStoreContract } from "../../../src/testing/index.ts"
import { hasS3Server, startS3 } from "../../support/s3.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const folder = Layer.unwrap(
  Effect.map(temporaryDirectory, (path) => FolderFileStore.layer({ folder: join(path, "files") }))
)

const s3 = (prefix: string) =>
  Layer.unwrap(Effect.map(startS3, ({ bucket }) => S3FileStore.layer({ ...bucket, prefix })))

describe("FileStore", () => {
  const places = [
    ["memory", MemoryFileStore.layer()] as const,
    ["folder", folder] as const,
    ...(hasS3Server ? [["s3", s3("")] as const, ["s3 behind a prefix", s3("of/a-chat/")] as const] : [])
  ]
  for (const [name, place] of places) {
    layer(place, { excludeTestServices: true, timeout: 60_000 })(name, (it) => {
      for (const { effect, name } of fileStoreContract) it.effect(name, () => effect, 60_000)
    })
  }
})
