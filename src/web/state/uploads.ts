/** What becomes of the files that go up. */
import type { SentFile } from "../../client/index.ts"
import type { Attachments } from "../../domain/entries/Attachment.ts"
import type { FileId } from "../../domain/Ids.ts"
import type { Pending, State } from "./model.ts"
import type { Upload } from "./upload.ts"

/** Those that are not with a message yet. */
export const trayOf = ({ uploads }: Pick<State, "uploads">, conversation: string): ReadonlyArray<Upload> =>
  uploads.filter((each) => each.conversation === conversation && each.message === undefined)

export const uploadsOf = ({ uploads }: Pick<State, "uploads">, message: string): ReadonlyArray<Upload> =>
  uploads.filter((each) => each.message === message)

const isThere = ({ progress }: Upload): boolean => progress._tag === "There"

export const allThere = (uploads: ReadonlyArray<Upload>): boolean => uploads.length > 0 && uploads.every(isThere)

export const anyFailed = (uploads: ReadonlyArray<Upload>): boolean =>
  uploads.some(({ progress }) => progress._tag === "Failed")

/** What is said of them, of those that are there. */
export const attachmentsOf = (uploads: ReadonlyArray<Upload>): ReadonlyArray<SentFile> =>
  uploads.flatMap(({ look, name, progress, size, type }) =>
    progress._tag === "There" ? [{ file: progress.file, name, type, size, ...look }] : []
  )

/** Of a message on its way, as it will be seen; what another version of the page left here may say less of them. */
export const filesOf = ({ attachments = [] }: Pending): Attachments =>
  attachments.map(({ file, name = "file", size = 0, type = "", ...look }) => ({
    file: file as FileId,
    name,
    type,
    size,
    ...look
  }))

export const changeUpload = (state: State, id: string, change: Partial<Upload>): State => ({
  ...state,
  uploads: state.uploads.map((each) => each.id === id ? { ...each, ...change } : each)
})

/** A message is said, and waits for the files that were in the tray. */
export const seal = (state: State, pending: Pending): State => ({
  ...state,
  pending: [...state.pending, pending],
  uploads: state.uploads.map((each) =>
    each.conversation === pending.conversation && each.message === undefined ? { ...each, message: pending.id } : each
  )
})

export const withoutMessage = (uploads: State["uploads"], message: string): State["uploads"] =>
  uploads.filter((each) => each.message !== message)
