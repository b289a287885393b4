/** Records of files, and stores beside them, that forget who needs a file, or whose it is. */
import { Effect } from "effect"
import { FileRecords } from "../../../src/services/storage/FileRecords.ts"
import type { Append } from "../../../src/services/storage/MessageStore.ts"
import { breaking, type Mutants } from "./Mutant.ts"
import { does, entries, forgetsIds, items, lets, refuses, some, store } from "./store/breaking.ts"

const files = breaking(FileRecords)

const hasFiles = (append: Append): boolean => append.kind === "text" && append.attachments !== undefined
const removes = some(({ kind }) => kind === "delete")
const needsNothing = files.answers("unneeded", () => [])
const isReady = files.answers("get", (record) => record === undefined ? undefined : { ...record, state: "ready" })

export const recordMutants: Mutants = {
  "a file is uploading, and then all there": files.answers("finish", () => true),
  "a file that is held is nothing else before it is released": files.answers("release", () => true),
  "room is taken up to the last byte, and given back": files.asks("begin", (file, most) => [file, most + 1]),
  "uploads at the same time have the room once": files.changed(({ begin, usage }) => ({
    begin: Effect.fnUntraced(function*(file, most) {
      const { bytes } = yield* usage(file.owner)
      yield* Effect.yieldNow
      return bytes + file.size <= most && (yield* begin(file, 0))
    })
  })),
  "they are listed page by page, in the order of the bytes of their names": files.asks(
    "list",
    ({ owner: _, ...options }) => [options]
  ),
  "what is being removed is known until it is forgotten": files.changed(({ discard, forget }) => ({
    forget: (all) => Effect.andThen(Effect.forEach(all, discard), forget(all))
  })),
  "uploads that have not ended and files that nobody has named are unneeded after their time": files.asks(
    "unneeded",
    (options) => [{ ...options, uploadsBefore: options.uploadsBefore + 1 }]
  ),
  "not more are answered than were asked for": files.asks("unneeded", (options) => [{ ...options, limit: 100 }])
}

export const messageMutants: Mutants = {
  "a text has its files wherever it is read": items((item) => {
    if (item.last_message?.kind !== "text") return item
    const { attachments: _, ...last } = item.last_message
    return { ...item, last_message: last }
  }, "recent"),
  "a text with files may be empty, also in a group": refuses(
    "invalid_frame",
    (append) => append.kind === "text" && append.text === ""
  ),
  "P8 nobody names a file that is another's, unknown, not all there, held or removed": lets("forbidden", hasFiles),
  "P3 a retry has the same files, and what is said of them": lets("id_conflict", hasFiles),
  "P3 a retry is known after its text was edited or deleted and its file removed": files.since(
    "forget",
    forgetsIds(hasFiles)
  ),
  "an edit keeps the files of a text, a delete takes them": entries((entry) => {
    if (entry.kind !== "text" || entry.edited_at === undefined) return entry
    const { attachments: _, ...rest } = entry
    return rest
  }),
  "what is said and deleted, or deleted and said again, in one batch": store.since(
    "commit",
    files.answers("uses", () => []),
    removes
  ),
  "a file that a message names while it is found unneeded is kept, or the message is refused": files.changed(
    ({ discard, list, unneeded }) => ({
      unneeded: Effect.fnUntraced(function*(options) {
        for (const { at, file } of yield* list({ limit: 1_000 })) {
          if (at < options.unusedBefore) yield* discard(file)
        }
        return yield* unneeded(options)
      })
    })
  )
}

export const leavingMutants: Mutants = {
  "what retention removes needs its files no more, and a retry of it is known (P3)": store.since("trim", needsNothing),
  "P8 the files of an erased user go, used or not, and are nobody's": store.since("eraseUser", isReady),
  "an erasure that is run again ends the same, also of who has only files": store.since(
    "eraseUser",
    store.answers("eraseUser", () => 1)
  ),
  "an erasure of many files pauses between its steps": store.changed(() => ({ durability: "disk" }))
}

export const groupPictureMutants: Mutants = {
  "a group's picture is needed until it is replaced or taken away": store.since(
    "commit",
    needsNothing,
    some(does("described"))
  ),
  "P8 a group shows only a picture of whoever sets it that has passed": lets("not_found", does("described")),
  "trimming the log leaves the picture, also where its file was in a message that goes": store.since(
    "trim",
    store.answers("group", (group) => {
      if (group === undefined) return undefined
      const { avatar: _, ...rest } = group
      return rest
    })
  ),
  "a picture that the operator removes is gone for good, and another may be shown": files.since(
    "discard",
    lets("not_found", does("described"))
  ),
  "who set the picture is erased: their file goes, and the group stands without it": store.since("eraseUser", isReady)
}
