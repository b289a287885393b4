/** What became of what was asked: its answer to whoever asked, and the news of it on its way to everybody else. */
import { HashMap } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import type { Mutable } from "../../domain/entries/EntryKind.ts"
import { system, type UserId } from "../../domain/Ids.ts"
import type { ClusterService, Item, Listener } from "../cluster/Cluster.ts"
import type { Committed, CursorMoved, News } from "../cluster/News.ts"
import type { LogSignals } from "../events/LogSignals.ts"
import type { Sign } from "../files/signing.ts"
import type { Groups } from "../group/Groups.ts"
import type { GroupViews } from "../group/GroupViews.ts"
import type { Quotas } from "../limits/Quotas.ts"
import { entryOf } from "../persistence/Appends.ts"
import type { MoveRequest } from "../persistence/Cursors.ts"
import type { AppendRequest, Outcome } from "../persistence/PersistenceActor.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Typing } from "../presence/Typing.ts"
import type { Push } from "../push/Push.ts"
import { GroupAudience } from "../session/Audience.ts"
import type { AppendResult, CursorResult } from "../storage/MessageStore.ts"
import type { DeliveryTrace, Traced } from "../telemetry/MessageTrace.ts"
import type { MessageTracing } from "../telemetry/MessageTraces.ts"
import type { Meters } from "../telemetry/Meters.ts"
import { Arrivals } from "./Arrivals.ts"
import type { ChatEvent } from "./ChatEvents.ts"
import { makeFanOut } from "./FanOut.ts"
import type { Registrations } from "./Registrations.ts"

export interface DeliveriesOptions {
  readonly registrations: Registrations
  readonly publish: (event: () => ChatEvent) => void
  readonly sign: Sign
  readonly line: (news: News) => News
  readonly signals: LogSignals["Service"]
  /** Whoever has browsers to be told may be told of it. */
  readonly push: Push["Service"]["accepted"]
  readonly groups: Groups["Service"]
  readonly presence: Presence["Service"]
  readonly quotas: Quotas["Service"]
  readonly typing: Typing["Service"]
  readonly views: GroupViews["Service"]
  /** Where this is one server of several. */
  readonly cluster: ClusterService | undefined
  /** Where messages are traced. */
  readonly traces: MessageTracing | undefined
  readonly meters: Meters
  /** By the monotonic clock. */
  readonly now: () => number
}

/** In larger groups positions are told on request only: a thousand members who read make a million receipts. */
export const maxLiveReceipts = 32

/** What is new, unless it was a retry. Fields are set one by one: this runs once per message. */
const newsOf = (
  { append, audience, requester, removed }: AppendRequest,
  { attachments, duplicate, seq }: Extract<AppendResult, { readonly _tag: "Accepted" }>
): Committed | undefined => {
  if (duplicate) return undefined
  const news: Mutable<Committed> = {
    _tag: "Committed",
    conversation: append.conversation,
    entry: entryOf(append, seq, attachments),
    audience: audience instanceof GroupAudience ? audience.users : audience
  }
  if (removed !== undefined) news.removed = removed
  if (requester.session !== undefined) news.session = requester.session
  return news
}

export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #fanOut: (news: News, committedAt: number) => void
  /** Whose send queues hold frames of this batch. */
  readonly #touched = new Set<{ readonly flush: () => void }>()
  /** Frames that were pushed since the server is there. */
  #pushed = 0
  /** Of this batch. */
  #traced: Array<DeliveryTrace> = []
  /** Entries wait there for those before them, which may come from other servers. */
  readonly #arrivals: Arrivals | undefined

  constructor(options: DeliveriesOptions) {
    const { cluster, presence, registrations, sign, typing } = options
    this.#options = options
    this.#fanOut = makeFanOut({
      registry: () => registrations.connected,
      presence,
      typing,
      sign,
      touch: (session) => {
        this.#pushed++
        this.#touched.add(session)
      }
    })
    this.#arrivals = cluster === undefined ? undefined : new Arrivals({
      ...options,
      cluster,
      isHere: (user) => HashMap.has(registrations.connected, user),
      announce: (news, committedAt, trace) => this.#announce(news, committedAt, trace),
      flush: () => this.#flush()
    })
  }

  /** How many entries there were; retries do not count. */
  get accepted(): number {
    return Object.values(this.#options.meters.accepted).reduce((sum, ofKind) => sum + ofKind, 0)
  }

  /** For the cluster: what it does with what comes over it. */
  readonly listener: Omit<Listener, "typing"> = {
    deliver: (item) => {
      this.#options.signals.note(item.conversation)
      return this.#arrivals?.deliver(item) ?? true
    },
    concerns: (conversation) => this.#arrivals?.concerns(conversation) ?? false,
    flush: () => this.#flush(),
    moved: (moved) => {
      this.#announce(moved, 0)
      this.#flush()
    },
    resync: () => this.#resync()
  }

  deliver(outcomes: ReadonlyArray<Outcome>): void {
    for (const outcome of outcomes) {
      // Told only when everything before it has been written.
      if (outcome._tag === "Flushed") this.#flush()
      this.#deliverOne(outcome)
    }
    this.#flush()
  }

  #deliverOne(outcome: Outcome): void {
    switch (outcome._tag) {
      case "Committed": {
        const { appendResults, appends, at, moveResults, moves, stamp } = outcome
        const items: Array<Item> | undefined = stamp === undefined ? undefined : []
        for (let i = 0; i < appends.length; i++) this.#appended(appends[i]!, appendResults[i]!, at, items)
        if (stamp !== undefined && items !== undefined) this.#options.cluster?.committed(stamp, items, stamp.notes)
        for (let i = 0; i < moves.length; i++) this.#moved(moves[i]!, moveResults[i]!)
        return
      }
      case "Refused":
        for (const { append, requester } of outcome.appends) {
          requester.settled()
          requester.rejected(append.clientId, outcome.error)
          this.#touched.add(requester)
        }
        return
      case "Recovered":
        return this.#resync()
      case "Flushed":
        return outcome.done()
    }
  }

  /** Nobody knows what was missed. */
  #resync(): void {
    const { groups, presence, registrations: { sessions }, signals, views } = this.#options
    signals.missed()
    groups.doubt()
    views.forgetAll()
    for (const session of sessions) session.readAgain()
    // Two may have a conversation now, and see each other by it.
    presence.recheck(sessions.map(({ user }) => user))
  }

  /** `items` gathers what goes to everybody by way of the cluster; where there is none, it goes at once. */
  #appended(request: AppendRequest, result: AppendResult, committedAt: number, items: Array<Item> | undefined): void {
    const { append: { clientId, conversation, sender }, audience, readAt, requester } = request
    this.#touched.add(requester)
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
        deliver: items !== undefined ? () => {} : ({ users }) => {
          this.#announce({ ...news, audience: users }, committedAt, requester.trace)
          this.#flush()
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
      if (readAt !== undefined) this.#options.meters.answered(readAt)
    }
    if (news === undefined) return
    const { meters, publish, push, quotas, sign, signals } = this.#options
    meters.accepted[news.entry.kind]++
    push(conversation, news.entry, news.audience)
    signals.note(conversation)
    publish(() => ({ _tag: "Accepted", conversation, entry: sign(news.entry) }))
    if (items !== undefined && this.#arrivals !== undefined) {
      const { after } = result
      items.push(this.#arrivals.own(news, { after, committedAt, isLate, trace: requester.trace, version }))
    } else if (!isLate) {
      this.#announce(news, committedAt, requester.trace)
    }
    if (audience instanceof GroupAudience || audience.length === 1 || sender === system) return
    if (seq === 1) quotas.began(sender, conversation)
    else quotas.answered(audience[0]!, conversation)
  }

  #moved(request: MoveRequest, result: CursorResult): void {
    const { move: { conversation, user }, source } = request
    if (result._tag === "Rejected") {
      this.#touched.add(source.ref)
      return source.moveRejected(request, result.error)
    }
    const parsed = Conversation.parse(conversation)
    if (!result.moved || parsed === undefined) return
    const { alone, delivered, isOwn, read, shown } = result
    const newsFor = (users: ReadonlyArray<UserId>): CursorMoved => ({
      _tag: "CursorMoved",
      conversation,
      user,
      delivered,
      read: shown ?? read,
      ...(shown === undefined ? undefined : { own: read }),
      // Nobody learns across a block, in either direction, what the other has seen.
      audience: users.filter((each) => !source.ref.hasBlocked(each)),
      session: source.ref.session
    })
    const tell = (users: ReadonlyArray<UserId>) => {
      const news = newsFor(users)
      this.#announce(news, 0)
      this.#options.cluster?.moved(news)
    }
    // Who reads privately is not betrayed by when something is told.
    if (isOwn === true || alone === true) return tell([user])
    if (parsed.kind === "direct") return tell(Array.from(new Set(parsed.users)))
    const { groups } = this.#options
    const known = groups.peek(parsed.group)
    if (known !== undefined && known.members.size > maxLiveReceipts) return
    groups.tell(parsed.group, {
      _tag: "Members",
      sender: user,
      use: ({ users }) => {
        if (users.length > maxLiveReceipts) return
        tell(users)
        this.#flush()
      },
      refused: () => {}
    })
  }

  #announce(news: News, committedAt: number, trace?: Traced): void {
    if (trace === undefined) return this.#fanOut(this.#options.line(news), committedAt)
    const before = this.#pushed
    const delivery = trace.deliver(this.#options.cluster?.node)
    this.#fanOut(this.#options.line(news), committedAt)
    delivery.fannedOut(this.#pushed - before)
    this.#traced.push(delivery)
  }

  #flush(): void {
    for (const each of this.#touched) each.flush()
    this.#touched.clear()
    this.#options.meters.settle(this.#options.now)
    if (this.#traced.length === 0) return
    const traced = this.#traced
    this.#traced = []
    for (const each of traced) each.end()
  }
}
