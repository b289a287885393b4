/** What was committed, to everyone whom it concerns and who is connected here. Nothing in here waits. */
import * as Conversation from "../domain/Conversation.ts"
import type { UserId } from "../domain/Ids.ts"
import { pushFrame } from "../domain/Pushes.ts"
import { entryOf } from "./Appends.ts"
import type { ChatEvent } from "./ChatEvents.ts"
import { Outbound } from "./Outbound.ts"
import type { AppendRequest, MoveRequest, Outcome } from "./PersistenceActor.ts"
import type { AppendResult, CursorResult } from "./storage/MessageStore.ts"
import { CatchUp } from "./UserMessage.ts"
import type { UserRef } from "./UserRef.ts"

export interface DeliveriesOptions {
  readonly sessionsOf: (user: UserId) => ReadonlyArray<UserRef>
  readonly allSessions: () => Iterable<UserRef>
  readonly publish: (event: () => ChatEvent) => void
}

export const makeDeliveries = ({ allSessions, publish, sessionsOf }: DeliveriesOptions) => {
  /** Whose outboxes hold frames of this batch. */
  const touched = new Set<{ readonly flush: () => void }>()

  const deliverAppend = ({ append, audience, origin }: AppendRequest, result: AppendResult): void => {
    touched.add(origin)
    if (result._tag === "Rejected") return origin.rejected(append.clientId, result.error)
    const { at, duplicate, messageId, seq } = result
    const { clientId, conversation, sender } = append
    if (clientId !== undefined) {
      origin.accepted({
        type: "message_accepted",
        id: clientId,
        conversation,
        seq,
        message_id: messageId,
        at,
        ...(duplicate ? { duplicate: true as const } : undefined)
      })
    }
    if (duplicate) return
    const entry = entryOf(append, seq)
    publish(() => ({ _tag: "Accepted", conversation, entry }))
    // Encoded when the first connection is found, then shared by all.
    let frame: Outbound | undefined
    for (const user of audience) {
      const own = user === sender && audience.length > 1
      for (const session of sessionsOf(user)) {
        // The connection that said it has its answer; plain ones hear only others, and only messages.
        if (own && (session === origin || session.level === "plain")) continue
        if (entry.kind !== "text" && session.level === "plain") continue
        frame ??= new Outbound(pushFrame(conversation, entry), conversation, seq)
        session.push(frame)
        touched.add(session)
      }
    }
  }

  const deliverMove = ({ move, source }: MoveRequest, result: CursorResult): void => {
    if (result._tag === "Rejected") {
      touched.add(source.ref)
      return source.moveRejected(move, result.error)
    }
    const parsed = Conversation.parse(move.conversation)
    if (!result.moved || parsed?.kind !== "direct") return
    let frame: Outbound | undefined
    for (const user of new Set(parsed.users)) {
      for (const session of sessionsOf(user)) {
        if (session.level === "plain" || session === source.ref) continue
        frame ??= new Outbound({
          type: "receipt",
          conversation: move.conversation,
          user: move.user,
          delivered: result.delivered,
          read: result.read
        })
        session.push(frame)
        touched.add(session)
      }
    }
  }

  const deliver = (outcome: Outcome): void => {
    switch (outcome._tag) {
      case "Committed":
        for (let i = 0; i < outcome.appends.length; i++) deliverAppend(outcome.appends[i]!, outcome.appendResults[i]!)
        for (let i = 0; i < outcome.moves.length; i++) deliverMove(outcome.moves[i]!, outcome.moveResults[i]!)
        return
      case "Refused":
        for (const { append, origin } of outcome.appends) {
          origin.rejected(append.clientId, outcome.error)
          touched.add(origin)
        }
        return
      case "Recovered":
        for (const session of allSessions()) session.tell(CatchUp)
        return
      case "Flushed":
        return outcome.done()
    }
  }

  const flush = () => {
    for (const each of touched) each.flush()
    touched.clear()
  }

  return (outcomes: ReadonlyArray<Outcome>): void => {
    for (const outcome of outcomes) {
      // Told only when everything before it has been written.
      if (outcome._tag === "Flushed") flush()
      deliver(outcome)
    }
    flush()
  }
}
