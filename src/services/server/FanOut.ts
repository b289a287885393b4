/** News to everyone whom it concerns and who is connected here, wherever it was committed. Nothing in here waits. */
import { crossesNoBlock } from "../../domain/blockSpans.ts"
import { isGroup } from "../../domain/Conversation.ts"
import { pushFrame, rulesOf } from "../../domain/entries/index.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { Committed, CursorMoved, News } from "../cluster/News.ts"
import type { Sign } from "../files/signing.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Typing } from "../presence/Typing.ts"
import { type Registry, sessionsIn, sessionsOf } from "../session/Audience.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Session } from "../session/Session.ts"

export interface FanOutOptions {
  readonly registry: () => Registry
  /** Its send queue holds something now; it is flushed at the end of the batch. */
  readonly touch: (session: Session) => void
  readonly presence: Presence["Service"]
  readonly typing: Typing["Service"]
  readonly sign: Sign
}

const nobody: ReadonlyArray<UserId> = []

/** Who is in a group that is there already from this entry on. */
const comeBy = (entry: Entry): ReadonlyArray<UserId> => {
  if (entry.kind !== "group") return nobody
  const { change, sender } = entry
  return change.action === "members_added" ? change.members : change.action === "joined" ? [sender] : nobody
}

export const makeFanOut = ({ presence, registry, sign, touch, typing }: FanOutOptions) => {
  const encoded = ({ conversation, entry }: Committed, committedAt: number, isLast = false): EncodedFrame =>
    new EncodedFrame(pushFrame(conversation, sign(entry)), conversation, entry.seq, committedAt, isLast)

  // Encoded when the first connection is found, then shared by all.
  const toPair = (news: Committed, committedAt: number): void => {
    const { audience, entry, session: requester } = news
    const { kind, sender, seq } = entry
    const { isPlain } = rulesOf(kind)
    const connected = registry()
    let frame: EncodedFrame | undefined
    for (const user of audience) {
      const own = user === sender && audience.length > 1
      for (const session of sessionsIn(connected, user)) {
        // The connection that said it has its answer; plain ones hear only others, and only messages.
        if (own && (session.session === requester || session.level === "plain")) continue
        if (session.level === "plain" && !isPlain) continue
        if (session.withholds(entry)) continue
        frame ??= encoded(news, committedAt)
        session.push(frame)
        touch(session)
      }
    }
    // They share a conversation from here on.
    if (seq === 1) presence.recheckPair(audience[0]!, audience.at(-1)!)
  }

  const toMembers = (news: Committed, committedAt: number): void => {
    const { audience, conversation, entry, removed, session: requester } = news
    const { kind, sender } = entry
    const { block, isPlain } = rulesOf(kind)
    const connected = registry()
    for (const user of comeBy(entry)) {
      for (const session of sessionsIn(connected, user)) session.enters(conversation, entry.seq)
    }
    let frame: EncodedFrame | undefined
    for (const session of sessionsOf(connected, audience)) {
      if (session.level === "plain" && (!isPlain || session.user === sender)) continue
      // What is the group's and not its sender's has no other answer with its place in the log.
      if (block !== "shown" && session.session === requester) continue
      if (crossesNoBlock(kind, true) && session.withholds(entry)) continue
      frame ??= encoded(news, committedAt)
      session.push(frame)
      touch(session)
    }
    if (removed === undefined || removed.length === 0) return
    // Not an entry of theirs any more: it is not confirmed, and comes once.
    const last = encoded(news, committedAt, true)
    for (const user of removed) {
      for (const session of sessionsIn(connected, user)) {
        session.pushRemoval(last)
        touch(session)
      }
    }
    typing.left(removed, conversation)
  }

  const moved = (news: CursorMoved): void => {
    const { audience, conversation, delivered, own, read, session: requester, user: mover } = news
    const connected = registry()
    let frame: EncodedFrame | undefined
    let ownFrame: EncodedFrame | undefined
    const receipt = (upTo: number) =>
      new EncodedFrame({ type: "receipt", conversation, user: mover, delivered, read: upTo })
    for (const user of audience) {
      for (const session of sessionsIn(connected, user)) {
        if (session.level === "plain" || session.session === requester || session.hasBlocked(mover)) continue
        if (own !== undefined && user === mover) ownFrame ??= receipt(own)
        else frame ??= receipt(read)
        session.push(own !== undefined && user === mover ? ownFrame! : frame!)
        touch(session)
      }
    }
  }

  /** `committedAt` is 0 where that was elsewhere. */
  return (news: News, committedAt: number): void => {
    if (news._tag === "CursorMoved") return moved(news)
    return isGroup(news.conversation) ? toMembers(news, committedAt) : toPair(news, committedAt)
  }
}
