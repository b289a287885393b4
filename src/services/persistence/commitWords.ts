/** What a commit tells other servers, and what its senders are told when it fails. */
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { Note } from "../cluster/Note.ts"
import type { Requester } from "../session/Requester.ts"
import type { Stamp } from "../storage/Journal.ts"
import type { Append, AppendResult, StoreError } from "../storage/MessageStore.ts"
import type { CommitTrace } from "../telemetry/MessageTrace.ts"

const retryAfterMillis = 1_000

/** Whether a commit has told others anything: only then it is in the journal. */
export const isPublished = (results: ReadonlyArray<AppendResult>, { notes }: Stamp): boolean =>
  notes.length > 0 || results.some((result) => result._tag === "Accepted" && !result.duplicate)

export const toldWith = (
  notes: ReadonlyArray<{ readonly note: Note }>,
  trace: CommitTrace | undefined
): ReadonlyArray<unknown> => {
  const told: Array<unknown> = notes.map(({ note }) => note)
  if (trace !== undefined) told.push(trace.note)
  return told
}

/** What a store has beside texts, as it says itself. */
interface Keeps {
  readonly files: boolean
  readonly words: boolean
}

const hasWords = (append: Append): boolean =>
  append.kind === "text"
    ? append.mentions !== undefined || append.data !== undefined
    : append.kind === "edit" && append.data !== undefined

/** Why a message is not said at all: such a store would keep it without what is named. */
export const notKept = (append: Append, { files, words }: Keeps): ChatError | undefined => {
  if (!files && append.kind === "text" && append.attachments !== undefined) {
    return Errors.forbidden("This server keeps no files; send the message without them.")
  }
  return words || !hasWords(append)
    ? undefined
    : Errors.forbidden("This server's store keeps no mentions and no data; send the message without them.")
}

/** It goes no further. */
export const refuseAppend = (
  { append, requester }: { readonly append: Append; readonly requester: Requester },
  error: ChatError
): void => {
  requester.settled()
  requester.rejected(append.clientId, error)
  requester.flush()
}

export const toChatError = (error: StoreError): ChatError =>
  error.kind === "overloaded"
    ? Errors.overloaded("The server is busy; send it again with the same id in a moment.", retryAfterMillis)
    : Errors.unavailable("Messages cannot be stored at the moment; send it again with the same id.", retryAfterMillis)
