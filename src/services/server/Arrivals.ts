/**
 * Entries of all servers on their way to those who are here, as the cluster hands them on: one after the other in each
 * log. What was committed elsewhere comes without its audience, which is found here.
 */
import * as Conversation from "../../domain/Conversation.ts"
import type { Entry } from "../../domain/Entry.ts"
import { type ConversationId, type GroupId, system, type UserId } from "../../domain/Ids.ts"
import type { ClusterService, Item } from "../cluster/Cluster.ts"
import type { Committed, News } from "../cluster/News.ts"
import type { Groups } from "../group/Groups.ts"
import type { GroupViews } from "../group/GroupViews.ts"
import type { Quotas } from "../limits/Quotas.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Traced } from "../telemetry/MessageTrace.ts"
import type { MessageTracing } from "../telemetry/MessageTraces.ts"

export interface ArrivalsOptions {
  readonly cluster: ClusterService
  readonly views: GroupViews["Service"]
  readonly groups: Groups["Service"]
  readonly presence: Presence["Service"]
  readonly quotas: Quotas["Service"]
  readonly isHere: (user: UserId) => boolean
  /** `committedAt` is 0 where that was elsewhere. */
  readonly announce: (news: News, committedAt: number, trace: Traced | undefined) => void
  readonly traces: MessageTracing | undefined
  /** What was announced is written. */
  readonly flush: () => void
}

interface OwnEntry {
  readonly after: Item["after"]
  readonly committedAt: number
  readonly version: number | undefined
  /** The group has other members by now. */
  readonly isLate: boolean
  readonly trace: Traced | undefined
}

/** Of a group's change, those who may see more or less of each other from here on. */
const affected = (entry: Entry): ReadonlyArray<UserId> => {
  if (entry.kind !== "group") return []
  const { change } = entry
  switch (change.action) {
    case "created":
      return change.members.map(({ user }) => user)
    case "members_added":
    case "members_removed":
    case "members_banned":
      return [entry.sender, ...change.members]
    case "joined":
    case "left":
      return [entry.sender]
    case "role_set":
    case "renamed":
    case "described":
    case "members_unbanned":
      return []
  }
}

export class Arrivals {
  readonly #options: ArrivalsOptions

  constructor(options: ArrivalsOptions) {
    this.#options = options
  }

  /** Of this server's own, which was sent for the audience of its news. */
  own(news: Committed, { after, committedAt, isLate, trace, version }: OwnEntry): Item {
    const { conversation, entry, session } = news
    return {
      conversation,
      seq: entry.seq,
      entry,
      ...(after === undefined ? undefined : { after }),
      ...(version === undefined ? undefined : { version }),
      own: {
        ...(session === undefined ? undefined : { session }),
        ...(trace === undefined ? undefined : { trace }),
        deliver: () => {
          if (isLate) return false
          this.#options.announce(news, committedAt, trace)
          const group = Conversation.groupOf(conversation)
          if (group !== undefined) this.#options.views.passed({ group, entry, version })
          return true
        }
      }
    }
  }

  /** Whether somebody here may have to hear of it. */
  concerns(conversation: ConversationId): boolean {
    const parsed = Conversation.parse(conversation)
    // Who is in a group is known when its entries are read.
    return parsed?.kind === "group" || parsed?.users.some((user) => this.#options.isHere(user)) === true
  }

  deliver(item: Item): boolean {
    const { conversation, entry, own } = item
    if (entry === undefined || own?.deliver() === true) return true
    const parsed = Conversation.parse(conversation)
    if (parsed === undefined) return true
    if (parsed.kind === "group") return this.#toMembers(item, entry, parsed.group)
    this.#toPair(item, entry, parsed.users)
    return true
  }

  #traceOf({ own, traceparent }: Item): Traced | undefined {
    return own?.trace ?? (traceparent === undefined ? undefined : this.#options.traces?.elsewhere(traceparent))
  }

  #toPair(item: Item, entry: Entry, users: ReadonlyArray<UserId>): void {
    const { conversation } = item
    const { announce, quotas } = this.#options
    const { sender, seq } = entry
    if (sender === system) {
      const audience = Conversation.usersOf(conversation)
      return announce({ _tag: "Committed", conversation, entry, audience }, 0, this.#traceOf(item))
    }
    const other = users.find((user) => user !== sender)
    const audience = other === undefined ? [sender] : [other, sender]
    announce({ _tag: "Committed", conversation, entry, audience }, 0, this.#traceOf(item))
    if (other !== undefined && seq > 1) quotas.answered(other, conversation)
  }

  #toMembers(item: Item, entry: Entry, group: GroupId): boolean {
    const { announce, cluster, flush, groups, presence, views } = this.#options
    const { conversation, own, version } = item
    const found = views.audience({ group, entry, version }, () => {
      if (!this.deliver(item)) return
      flush()
      cluster.resume(conversation)
    })
    if (found === undefined) return false
    const { removed, users } = found
    announce(
      {
        _tag: "Committed",
        conversation,
        entry,
        audience: users,
        ...(removed === undefined ? undefined : { removed }),
        ...(own?.session === undefined ? undefined : { session: own.session })
      },
      0,
      this.#traceOf(item)
    )
    if (entry.kind === "group") {
      // What its actor here knows is older.
      groups.doubtOne(group)
      presence.recheck(affected(entry))
    }
    return true
  }
}
