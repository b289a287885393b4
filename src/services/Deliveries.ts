/** What was committed, to everyone whom it concerns and who is connected here. Nothing in here waits. */
import * as Conversation from "../domain/Conversation.ts"
import type { UserId } from "../domain/Ids.ts"
import { pushFrame } from "../domain/Pushes.ts"
import { entryOf } from "./Appends.ts"
import type { ChatEvent } from "./ChatEvents.ts"
import { CatchUp, type Origin } from "./Messages.ts"
import { Outbound } from "./Outbound.ts"
import type { AppendRequest, Outcome } from "./PersistenceActor.ts"
import type { AppendResult, CursorMove, CursorResult } from "./storage/MessageStore.ts"
import type { UserRef } from "./UserRef.ts"

export interface DeliveriesOptions {
  readonly sessionsOf: (user: UserId) => ReadonlyArray<UserRef>
  readonly allSessions: () => Iterable<UserRef>
  readonly publish: (event: ChatEvent) => void
}

export const makeDeliveries = ({ allSessions, publish, sessionsOf }: DeliveriesOptions) => {
  const deliverAppend = ({ append, audience, origin }: AppendRequest, result: AppendResult): void => {
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
    publish({ _tag: "Accepted", conversation, entry })
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
      }
    }
  }

  const deliverMove = (move: CursorMove, origin: Origin, result: CursorResult): void => {
    if (result._tag === "Rejected") return origin.rejected(undefined, result.error)
    const parsed = Conversation.parse(move.conversation)
    if (!result.moved || parsed?.kind !== "direct") return
    let frame: Outbound | undefined
    for (const user of new Set(parsed.users)) {
      for (const session of sessionsOf(user)) {
        if (session.level === "plain" || session === origin) continue
        frame ??= new Outbound({
          type: "receipt",
          conversation: move.conversation,
          user: move.user,
          delivered: result.delivered,
          read: result.read
        })
        session.push(frame)
      }
    }
  }

  return (outcome: Outcome): void => {
    switch (outcome._tag) {
      case "Committed":
        for (const [request, result] of outcome.appends) deliverAppend(request, result)
        for (const [{ move, origin }, result] of outcome.moves) deliverMove(move, origin, result)
        return
      case "Refused":
        for (const { append, origin } of outcome.appends) origin.rejected(append.clientId, outcome.error)
        return
      case "Recovered":
        for (const session of allSessions()) session.tell(CatchUp)
        return
      case "Flushed":
        return outcome.done()
    }
  }
}
