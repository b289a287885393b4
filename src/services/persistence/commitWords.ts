/** What a commit tells other servers, and what its senders are told when it fails. */
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { Note } from "../cluster/Note.ts"
import type { Stamp } from "../storage/Journal.ts"
import type { AppendResult, StoreError } from "../storage/MessageStore.ts"
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

export const toChatError = (error: StoreError): ChatError =>
  error.kind === "overloaded"
    ? Errors.overloaded("The server is busy; send it again with the same id in a moment.", retryAfterMillis)
    : Errors.unavailable("Messages cannot be stored at the moment; send it again with the same id.", retryAfterMillis)
