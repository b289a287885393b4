/**
 * Files on their way up, while one goes on writing. A message that was said before its files were there waits for them, and
 * is said as soon as they are.
 */
import type { SimpleClient } from "../../client/index.ts"
import { maxAttachments } from "../../domain/entries/Attachment.ts"
import { isOver } from "../../domain/Limit.ts"
import type { Conversation, Pending } from "../state/model.ts"
import type { Store } from "../state/store.ts"
import type { Upload } from "../state/upload.ts"
import { allThere, attachmentsOf, trayOf, uploadsOf } from "../state/uploads.ts"
import { isPictureType, shownName, sizeOf } from "../text/files.ts"
import { words } from "../words/index.ts"
import { makeId } from "./makeId.ts"
import type { Notices } from "./notices.ts"
import { makeUploadRuns } from "./uploadRuns.ts"

/** What one session leaves to the next one of the same user: it ends for good with a token, and files stay chosen. */
export interface Left {
  readonly me: string
  readonly files: Map<string, File>
  readonly own: Map<string, string>
  readonly uploads: ReadonlyArray<Upload>
  readonly pending: ReadonlyArray<Pending>
}

interface Options {
  readonly client: SimpleClient
  readonly store: Store
  readonly notices: Notices
  readonly left: Left | undefined
  /** The files of a message are there: now it can be said. */
  readonly onComplete: (pending: Pending) => void
  /** A message without a file is left, and without a word. */
  readonly onEmpty: (pending: Pending) => void
}

/** Why this one cannot be sent, before anything of it is. Without a limit, `maxBytes` is 0. */
const problemOf = ({ name, size }: File, maxBytes: number): string | undefined => {
  if (size === 0) return words.uploads.empty(shownName(name))
  return isOver(maxBytes, size)
    ? words.uploads.tooLarge(shownName(name), sizeOf(maxBytes))
    : undefined
}

/** Those that can be sent, and why the others cannot. */
const admit = (chosen: ReadonlyArray<File>, room: number, maxBytes: number) => {
  const problems = chosen.flatMap((file) => problemOf(file, maxBytes) ?? [])
  const good = chosen.filter((file) => problemOf(file, maxBytes) === undefined)
  if (good.length > room) problems.push(words.uploads.tooMany(maxAttachments))
  return { good: good.slice(0, Math.max(0, room)), problems: problems.slice(0, 2) }
}

export const makeUploads = ({ client, left, notices: { notify }, onComplete, onEmpty, store }: Options) => {
  const { dispatch } = store
  const files = left?.files ?? new Map<string, File>()
  /** Pictures that went up from here, by the name that the server gave them: they need not come down again. */
  const own = left?.own ?? new Map<string, string>()
  let maxBytes = 0

  const of = (id: string): Upload | undefined => store.state.uploads.find((each) => each.id === id)

  const complete = (message: string | undefined) => {
    const pending = store.state.pending.find(({ id }) => id === message)
    if (pending?.uploading === true && allThere(uploadsOf(store.state, pending.id))) onComplete(pending)
  }

  const runs = makeUploadRuns({
    client,
    isWanted: (id) => files.has(id),
    change: (id, change) => dispatch({ type: "uploading", id, change }),
    onThere: (id, file) => {
      const { message, shown } = of(id) ?? {}
      if (shown !== undefined) own.set(file, shown)
      files.delete(id)
      complete(message)
    }
  })

  const choose = (conversation: string, file: File) => {
    const id = makeId()
    files.set(id, file)
    const { name, size, type } = file
    const shown = isPictureType(type) ? { shown: URL.createObjectURL(file) } : undefined
    const upload: Upload = { id, conversation, name, type, size, progress: { _tag: "Waiting" }, ...shown }
    dispatch({ type: "chosen", upload })
    void runs.begin(upload, file)
  }

  const forget = ({ id, shown }: Upload) => {
    runs.abort(id)
    files.delete(id)
    if (shown !== undefined) URL.revokeObjectURL(shown)
  }

  const warn = (event: BeforeUnloadEvent) => {
    if (store.state.uploads.some(({ progress }) => progress._tag !== "Failed")) event.preventDefault()
  }
  addEventListener("beforeunload", warn)

  return {
    add: ({ id }: Conversation, chosen: ReadonlyArray<File>) => {
      const { good, problems } = admit(chosen, maxAttachments - trayOf(store.state, id).length, maxBytes)
      for (const file of good) choose(id, file)
      if (problems.length > 0) notify(problems.join(" "))
    },
    /** Goes on with what the last session left. */
    resume: () => {
      for (const pending of left?.pending ?? []) dispatch({ type: "unwanted", pending })
      for (const upload of left?.uploads ?? []) {
        dispatch({ type: "chosen", upload })
        const file = files.get(upload.id)
        if (file !== undefined) void runs.begin(upload, file)
      }
      for (const { id } of left?.pending ?? []) complete(id)
    },
    /** There is a connection, which says how large a file may be. */
    connected: (limit: number) => {
      maxBytes = limit
    },
    retry: (id: string) => {
      const upload = of(id)
      const file = files.get(id)
      if (upload !== undefined && file !== undefined) void runs.begin(upload, file)
    },
    /** Gives up one file, and goes on with what is left of its message. */
    cancel: (id: string) => {
      const upload = of(id)
      if (upload === undefined) return
      forget(upload)
      dispatch({ type: "dropped", id })
      const pending = store.state.pending.find((each) => each.id === upload.message)
      if (pending === undefined) return
      if (uploadsOf(store.state, pending.id).length > 0) complete(pending.id)
      else if (pending.text.trim() === "") onEmpty(pending)
      else onComplete(pending)
    },
    /** Those of a message that will not be said. */
    drop: (message: string) => uploadsOf(store.state, message).forEach(forget),
    named: (message: string) => attachmentsOf(uploadsOf(store.state, message)),
    complete,
    /** The picture itself, where this browser has it. */
    ownPicture: (file: string): string | undefined => own.get(file),
    stop: (): Left => {
      removeEventListener("beforeunload", warn)
      runs.stop()
      const { me, pending, uploads } = store.state
      return { me, files, own, uploads, pending: pending.filter(({ uploading }) => uploading === true) }
    }
  }
}
