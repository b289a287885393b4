/** What this client added to a log, as the others are pushed it: the server tells its maker by an answer alone. */
import { Effect, Option } from "effect"
import type { ChatCommand } from "../domain/ClientFrame.ts"
import type { Attachments } from "../domain/entries/Attachment.ts"
import { entryAt, newEntryOf, pushFrame } from "../domain/entries/index.ts"
import type { UserId } from "../domain/Ids.ts"
import type { HistoryPage, MessageAccepted } from "../domain/ServerFrame.ts"
import { commandOf } from "./Outbox.ts"
import type { AskFor, Command, LogEvent, PendingMessage } from "./types.ts"

/** How long an answer of the server is waited for that only adds the links of files. */
const patience = "5 seconds"

export const ownPush = (
  command: Command,
  { at, conversation, message_id, seq }: MessageAccepted,
  sender: UserId,
  attachments?: Attachments
): LogEvent => {
  const entry = newEntryOf(command as ChatCommand)
  const files = attachments === undefined ? null : JSON.stringify(attachments)
  return pushFrame(conversation, entryAt({ conversation, seq, message_id, sender, at }, entry, files))
}

/** What its sender knew of the files: all of it, or none. */
const knownFiles = ({ attachments }: PendingMessage): Attachments | undefined =>
  attachments?.every(({ name, size, type }) => name !== undefined && size !== undefined && type !== undefined) === true
    ? attachments as Attachments
    : undefined

/**
 * A message that was said here. What its files are, and where, only the server says, and only in the log: so it is read
 * there. Without an answer in time it is as its sender knew it.
 */
export const makeEcho =
  (ask: AskFor, sender: () => UserId) =>
  (message: PendingMessage, accepted: MessageAccepted): Effect.Effect<LogEvent> => {
    const own = ownPush(commandOf(message), accepted, sender(), knownFiles(message))
    if (message.attachments === undefined) return Effect.succeed(own)
    const { conversation, seq } = accepted
    return ask<HistoryPage>({ type: "history", conversation, after: seq - 1, limit: 1 }).pipe(
      Effect.timeoutOption(patience),
      Effect.orElseSucceed(Option.none<HistoryPage>),
      Effect.map((page) => {
        const entry = Option.getOrUndefined(page)?.messages.find((each) => each.seq === seq)
        return entry === undefined ? own : pushFrame(conversation, entry)
      })
    )
  }
