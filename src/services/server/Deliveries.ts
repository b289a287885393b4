/** What became of what was asked: its answer to whoever asked, and the news of it on its way to everybody else. */
import * as Conversation from "../../domain/Conversation.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { Groups } from "../group/Groups.ts"
import type { Quotas } from "../limits/Quotas.ts"
import { entryOf } from "../persistence/Appends.ts"
import type { MoveRequest } from "../persistence/Cursors.ts"
import type { AppendRequest, Outcome } from "../persistence/PersistenceActor.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Typing } from "../presence/Typing.ts"
import { GroupAudience, type Registry } from "../session/Audience.ts"
import type { Session } from "../session/Session.ts"
import { CatchUp } from "../session/UserMessage.ts"
import type { AppendResult, CursorResult } from "../storage/MessageStore.ts"
import type { ChatEvent } from "./ChatEvents.ts"
import { makeFanOut } from "./FanOut.ts"
import type { Committed, CursorMoved, News } from "./News.ts"

export interface DeliveriesOptions {
  readonly registry: () => Registry
  readonly allSessions: () => Iterable<Session>
  readonly publish: (event: () => ChatEvent) => void
  readonly line: (news: News) => News
  readonly groups: Groups["Service"]
  readonly presence: Presence["Service"]
  readonly quotas: Quotas["Service"]
  readonly typing: Typing["Service"]
}

/** In larger groups positions are told on request only: a thousand members who read make a million receipts. */
export const maxLiveReceipts = 32

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What is new, unless it was a retry. Fields are set one by one: this runs once per message. */
const newsOf = (
  { append, audience, requester, removed }: AppendRequest,
  { duplicate, seq }: Extract<AppendResult, { readonly _tag: "Accepted" }>
): Committed | undefined => {
  if (duplicate) return undefined
  const news: Mutable<Committed> = {
    _tag: "Committed",
    conversation: append.conversation,
    entry: entryOf(append, seq),
    audience: audience instanceof GroupAudience ? audience.users : audience
  }
  if (removed !== undefined) news.removed = removed
  if (requester.session !== undefined) news.session = requester.session
  return news
}

export const makeDeliveries = (
  { allSessions, groups, line, presence, publish, quotas, registry, typing }: DeliveriesOptions
) => {
  /** Whose outboxes hold frames of this batch. */
  const touched = new Set<{ readonly flush: () => void }>()
  const fanOut = makeFanOut({ registry, presence, typing, touch: (session) => touched.add(session) })
  const announce = (news: News) => fanOut(line(news))

  const flush = () => {
    for (const each of touched) each.flush()
    touched.clear()
  }

  const appended = (request: AppendRequest, result: AppendResult): void => {
    const { append: { clientId, conversation, sender }, audience, requester } = request
    touched.add(requester)
    requester.settled()
    if (result._tag === "Rejected") return requester.rejected(clientId, result.error)
    const { at, duplicate, messageId, seq, version } = result
    const news = newsOf(request, result)
    // The group was changed elsewhere: who is in now is asked first, and nobody hears it who is out. Before the answer, so
    // that whoever waits for it knows.
    const isLate = news !== undefined && audience instanceof GroupAudience && version !== undefined &&
      version !== audience.version
    if (isLate) {
      audience.late({
        seq,
        deliver: ({ users }) => {
          announce({ ...news, audience: users })
          flush()
        }
      })
    }
    if (clientId !== undefined) {
      requester.accepted({
        type: "message_accepted",
        id: clientId,
        conversation,
        seq,
        message_id: messageId,
        at,
        ...(duplicate ? { duplicate: true as const } : undefined)
      })
    }
    if (news === undefined) return
    publish(() => ({ _tag: "Accepted", conversation, entry: news.entry }))
    if (isLate) return
    announce(news)
    if (audience instanceof GroupAudience || audience.length === 1) return
    if (seq === 1) quotas.began(sender, conversation)
    else quotas.answered(audience[0]!, conversation)
  }

  const moved = (request: MoveRequest, result: CursorResult): void => {
    const { move: { conversation, user }, source } = request
    if (result._tag === "Rejected") {
      touched.add(source.ref)
      return source.moveRejected(request, result.error)
    }
    const parsed = Conversation.parse(conversation)
    if (!result.moved || parsed === undefined) return
    const { delivered, read } = result
    const newsFor = (users: ReadonlyArray<UserId>): CursorMoved => ({
      _tag: "CursorMoved",
      conversation,
      user,
      delivered,
      read,
      // Nobody learns across a block, in either direction, what the other has seen.
      audience: users.filter((each) => !source.ref.hasBlocked(each)),
      session: source.ref.session
    })
    if (parsed.kind === "direct") {
      return announce(newsFor(result.alone === true ? [user] : Array.from(new Set(parsed.users))))
    }
    const known = groups.peek(parsed.group)
    if (known !== undefined && known.members.size > maxLiveReceipts) return
    groups.tell(parsed.group, {
      _tag: "Members",
      sender: user,
      use: ({ users }) => {
        if (users.length > maxLiveReceipts) return
        announce(newsFor(users))
        flush()
      },
      refused: () => {}
    })
  }

  const deliver = (outcome: Outcome): void => {
    switch (outcome._tag) {
      case "Committed":
        for (let i = 0; i < outcome.appends.length; i++) appended(outcome.appends[i]!, outcome.appendResults[i]!)
        for (let i = 0; i < outcome.moves.length; i++) moved(outcome.moves[i]!, outcome.moveResults[i]!)
        return
      case "Refused":
        for (const { append, requester } of outcome.appends) {
          requester.settled()
          requester.rejected(append.clientId, outcome.error)
          touched.add(requester)
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

  return (outcomes: ReadonlyArray<Outcome>): void => {
    for (const outcome of outcomes) {
      // Told only when everything before it has been written.
      if (outcome._tag === "Flushed") flush()
      deliver(outcome)
    }
    flush()
  }
}
