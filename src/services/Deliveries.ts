/** What was committed, to everyone whom it concerns and who is connected here. Nothing in here waits. */
import * as Conversation from "../domain/Conversation.ts"
import type { Entry } from "../domain/Entry.ts"
import type { ConversationId, UserId } from "../domain/Ids.ts"
import { pushFrame } from "../domain/Pushes.ts"
import { entryOf } from "./Appends.ts"
import { GroupAudience, type Registry, sessionsIn } from "./Audience.ts"
import type { ChatEvent } from "./ChatEvents.ts"
import type { MoveRequest } from "./Cursors.ts"
import type { Groups } from "./Groups.ts"
import type { Quotas } from "./limits/Quotas.ts"
import { Outbound } from "./Outbound.ts"
import type { AppendRequest, Outcome } from "./PersistenceActor.ts"
import type { Presence } from "./Presence.ts"
import type { AppendResult, CursorResult } from "./storage/MessageStore.ts"
import type { Typing } from "./Typing.ts"
import { CatchUp } from "./UserMessage.ts"
import type { UserRef } from "./UserRef.ts"

export interface DeliveriesOptions {
  readonly registry: () => Registry
  readonly allSessions: () => Iterable<UserRef>
  readonly publish: (event: () => ChatEvent) => void
  readonly groups: Groups["Service"]
  readonly presence: Presence["Service"]
  readonly quotas: Quotas["Service"]
  readonly typing: Typing["Service"]
}

/** In larger groups positions are told on request only: a thousand members who read make a million receipts. */
export const maxLiveReceipts = 32

export const makeDeliveries = (
  { allSessions, groups, presence, publish, quotas, registry, typing }: DeliveriesOptions
) => {
  /** Whose outboxes hold frames of this batch. */
  const touched = new Set<{ readonly flush: () => void }>()

  const deliverAppend = ({ append, audience, farewell, origin }: AppendRequest, result: AppendResult): void => {
    touched.add(origin)
    origin.settled()
    if (result._tag === "Rejected") return origin.rejected(append.clientId, result.error)
    const { at, duplicate, messageId, seq, version } = result
    const { clientId, conversation, sender } = append
    const entry = duplicate ? undefined : entryOf(append, seq)
    // The group was changed elsewhere: who is in now is asked first, and nobody hears it who is out. Before the answer, so
    // that whoever waits for it knows.
    const isLate = entry !== undefined && audience instanceof GroupAudience && version !== undefined &&
      version !== audience.version
    if (isLate) {
      audience.late({
        seq,
        deliver: (members) => {
          toMembers(members, origin, conversation, entry, farewell)
          flush()
        }
      })
    }
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
    if (entry === undefined) return
    publish(() => ({ _tag: "Accepted", conversation, entry }))
    if (audience instanceof GroupAudience) {
      return isLate ? undefined : toMembers(audience, origin, conversation, entry, farewell)
    }
    const connected = registry()
    // Encoded when the first connection is found, then shared by all.
    let frame: Outbound | undefined
    for (const user of audience) {
      const own = user === sender && audience.length > 1
      for (const session of sessionsIn(connected, user)) {
        // The connection that said it has its answer; plain ones hear only others, and only messages.
        if (own && (session === origin || session.level === "plain")) continue
        if (entry.kind !== "text" && session.level === "plain") continue
        if (session.blocks.withholds(entry)) continue
        frame ??= new Outbound(pushFrame(conversation, entry), conversation, seq)
        session.push(frame)
        touched.add(session)
      }
    }
    if (audience.length > 1) {
      if (seq === 1) quotas.began(sender, conversation)
      else quotas.answered(audience[0]!, conversation)
    }
    // They share a conversation from here on.
    if (seq === 1) presence.recheckPair(audience[0]!, audience.at(-1)!)
  }

  const toMembers = (
    audience: GroupAudience,
    origin: AppendRequest["origin"],
    conversation: ConversationId,
    entry: Entry,
    farewell: AppendRequest["farewell"]
  ): void => {
    deliverToGroup(audience, origin, conversation, entry)
    if (farewell !== undefined && farewell.length > 0) {
      sayFarewell(farewell, new Outbound(pushFrame(conversation, entry), conversation, entry.seq, true))
      typing.left(farewell, conversation)
    }
  }

  const deliverToGroup = (
    audience: GroupAudience,
    origin: AppendRequest["origin"],
    conversation: ConversationId,
    entry: Entry
  ): void => {
    const { kind, sender, seq } = entry
    let frame: Outbound | undefined
    for (const session of audience.sessions(registry())) {
      if (session.level === "plain" && (kind !== "text" || session.user === sender)) continue
      // A change of the group has no other answer with its place in the log, and is the group's, not its sender's.
      if (kind !== "group" && (session === origin || session.blocks.withholds(entry))) continue
      frame ??= new Outbound(pushFrame(conversation, entry), conversation, seq)
      session.push(frame)
      touched.add(session)
    }
  }

  /** Not an entry of theirs any more: it is not confirmed, and comes once. */
  const sayFarewell = (users: ReadonlyArray<UserId>, frame: Outbound): void => {
    for (const user of users) {
      for (const session of sessionsIn(registry(), user)) {
        session.farewell(frame)
        touched.add(session)
      }
    }
  }

  const deliverMove = (request: MoveRequest, result: CursorResult): void => {
    const { move, source } = request
    if (result._tag === "Rejected") {
      touched.add(source.ref)
      return source.moveRejected(request, result.error)
    }
    const parsed = Conversation.parse(move.conversation)
    if (!result.moved || parsed === undefined) return
    let frame: Outbound | undefined
    const push = (session: UserRef): boolean => {
      if (session.level === "plain" || session === source.ref) return false
      // Nobody learns across a block, in either direction, what the other has seen.
      if (session.hasBlocked(move.user) || source.ref.hasBlocked(session.user)) return false
      frame ??= new Outbound({
        type: "receipt",
        conversation: move.conversation,
        user: move.user,
        delivered: result.delivered,
        read: result.read
      })
      session.push(frame)
      return true
    }
    if (parsed.kind === "direct") {
      for (const user of result.alone === true ? [move.user] : new Set(parsed.users)) {
        for (const session of sessionsIn(registry(), user)) if (push(session)) touched.add(session)
      }
      return
    }
    const known = groups.peek(parsed.group)
    if (known !== undefined && known.members.size > maxLiveReceipts) return
    groups.tell(parsed.group, {
      _tag: "Members",
      sender: move.user,
      use: (audience) => {
        if (audience.members.size > maxLiveReceipts) return
        for (const session of audience.sessions(registry())) if (push(session)) session.flush()
      },
      refused: () => {}
    })
  }

  const deliver = (outcome: Outcome): void => {
    switch (outcome._tag) {
      case "Committed":
        for (let i = 0; i < outcome.appends.length; i++) deliverAppend(outcome.appends[i]!, outcome.appendResults[i]!)
        for (let i = 0; i < outcome.moves.length; i++) deliverMove(outcome.moves[i]!, outcome.moveResults[i]!)
        return
      case "Refused":
        for (const { append, origin } of outcome.appends) {
          origin.settled()
          origin.rejected(append.clientId, outcome.error)
          touched.add(origin)
        }
        return
      case "Recovered":
        groups.doubt()
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
