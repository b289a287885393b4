/** Places for files that lose some of them, mix them up, or show them too early. */
import { Effect, Stream } from "effect"
import type { FileId } from "../../../src/domain/Ids.ts"
import { FileStore, FileStoreError } from "../../../src/services/files/FileStore.ts"
import { breaking, type Mutants } from "./Mutant.ts"

const files = breaking(FileStore)

const away = () => new FileStoreError({ kind: "unavailable", message: "It is away." })

const nothing = { size: 0, content: Stream.empty }

export const fileStoreMutants: Mutants = {
  // As if it were text of seven bits.
  "what is put comes back byte for byte, of any size and in any pieces": files.changed(({ put }) => ({
    put: (file, content, options) =>
      put(file, Stream.map(content, (bytes) => bytes.map((byte) => byte & 0x7f)), options)
  })),
  "a part of it is the part that was asked for, and says how large all of it is": files.asks("get", (file, range) => [
    file,
    range === undefined ? undefined : { from: range.from, to: Math.max(range.from, range.to - 1) }
  ]),
  "what is not there is not there, and is removed already": files.answers("get", (part) => part ?? nothing),
  "whoever reads it when it is removed reads on": files.changed(({ get, remove }) => {
    const removed = new Set<FileId>()
    return {
      get: (file, range) =>
        Effect.map(get(file, range), (part) =>
          part === undefined ? undefined : {
            ...part,
            content: Stream.mapEffect(
              Stream.rechunk(part.content, 1),
              (bytes) => removed.has(file) ? Effect.fail(away()) : Effect.succeed(bytes)
            )
          }),
      remove: (file) => Effect.andThen(Effect.sync(() => removed.add(file)), remove(file))
    }
  }),
  // A reader that leaves early keeps its place.
  "a reader that leaves in the middle leaves nothing behind that others would miss": files.changed(({ get }) => {
    let readers = 0
    const leave = Stream.drain(Stream.fromEffect(Effect.sync(() => readers--)))
    return {
      get: (file, range) =>
        Effect.flatMap(get(file, range), (part) => {
          if (part === undefined) return Effect.succeed(part)
          if (++readers > 32) return Effect.fail(away())
          return Effect.succeed({ ...part, content: Stream.concat(part.content, leave) })
        })
    }
  }),
  "all that is there is listed, in order, page by page, with its size": files.answers("list", (page) => ({
    ...page,
    hasMore: false
  })),
  // Of those that come at once the first is whole.
  "many at once are each what they are": files.changed(({ put }) => {
    let coming = 0
    return {
      put: (file, content, options) =>
        Effect.suspend(() => {
          const isAlone = coming++ === 0
          return Effect.andThen(Effect.yieldNow, put(file, isAlone ? content : Stream.take(content, 1), options))
        }).pipe(Effect.ensuring(Effect.sync(() => coming--)))
    }
  }),
  "more or less than was said is no file": files.changed(({ put }) => ({ put: (file, content) => put(file, content) })),
  "content that breaks is no file, and why it broke is told": files.changed(({ put }) => ({
    put: (file, content) => put(file, Stream.catchCause(content, () => Stream.empty))
  })),
  "what is being put is not there yet, and not at all when that is interrupted": files.changed(({ get, put }) => {
    const coming = new Set<FileId>()
    return {
      put: (file, content, options) => Effect.andThen(Effect.sync(() => coming.add(file)), put(file, content, options)),
      get: (file, range) => Effect.map(get(file, range), (part) => part ?? (coming.has(file) ? nothing : undefined))
    }
  }),
  "a sweep takes nothing that is whole, and nothing that was touched since": files.changed(({ list, remove }) => ({
    sweep: () =>
      Effect.flatMap(list({ limit: 100 }), ({ files }) => Effect.forEach(files, ({ file }) => remove(file))).pipe(
        Effect.asVoid
      )
  })),
  "no name leads anywhere else": files.changed(({ put }) => ({
    put: (file, content, options) =>
      put(`x${file.replaceAll(/[^A-Za-z0-9-]/gu, "").slice(0, 60)}` as FileId, content, options)
  })),
  "it can be asked whether it takes files, which leaves none": files.changed(({ put }) => ({
    check: Effect.asVoid(put("probe" as FileId, Stream.make(new Uint8Array(1))))
  }))
}
