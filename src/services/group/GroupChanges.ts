/** What a change of a group needs of others: whether its users may be added, and a place in the log. */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { changeOf, type GroupCommand, isCreation } from "../../domain/groupRules.ts"
import { type ClientId, type GroupId, system, type UserId } from "../../domain/Ids.ts"
import { type AuthorizationPolicy, decide } from "../access/Authorization.ts"
import type { ShownPeople } from "../files/ShownPeople.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import type { IdGenerator } from "../kernel/IdGenerator.ts"
import type { Turns } from "../kernel/Turns.ts"
import type { Quotas } from "../limits/Quotas.ts"
import type { PersistenceActor } from "../persistence/PersistenceActor.ts"
import type { GroupAudience, LateEntry } from "../session/Audience.ts"
import { askToKeep } from "../session/Requester.ts"
import type { MessageStore } from "../storage/MessageStore.ts"
import type { MessageTrace } from "../telemetry/MessageTrace.ts"
import type { GroupRequest } from "./GroupMessage.ts"

export interface GroupServices {
  readonly store: MessageStore["Service"]
  /** How members, and groups, are shown. */
  readonly people: Pick<ShownPeople["Service"], "shown" | "pictureUrl">
  readonly persistence: PersistenceActor["Service"]
  readonly ids: IdGenerator["Service"]
  readonly policy: AuthorizationPolicy
  /** The time of an entry. */
  readonly stamp: () => number
  /** For how long nobody uses a group. */
  readonly monotonic: () => number
  readonly maxMembers: number
  readonly quotas: Quotas["Service"]
  /** These users may see more or less of each other now. */
  readonly changed: (users: ReadonlyArray<UserId>) => void
  readonly turns: Turns
  /** To the mailbox of the group's actor, which may be another one by then. */
  readonly again: (group: GroupId, message: GroupRequest) => void
  readonly late: (group: GroupId, entry: LateEntry) => void
  /** This user has just been told that there is no such group of theirs. */
  readonly unknownTo: (user: UserId, group: GroupId) => void
}

/** Users that are looked up in one turn of the event loop. */
const lookUpsPerTurn = 128

/** Whether somebody blocks the other and whether the app forbids it look the same. */
const mayNotAdd = Effect.fnUntraced(
  function*(sender: UserId, users: ReadonlyArray<UserId>, { policy, store }: GroupServices) {
    let allowed = true
    for (let from = 0; from < users.length; from += lookUpsPerTurn) {
      if (from > 0) yield* ActorScheduler.nextTurn
      const some = users.slice(from, from + lookUpsPerTurn)
      for (const user of some) {
        const decision = policy.addToGroup(sender, user)
        if (!(decision === true || (yield* decide(decision)))) allowed = false
      }
      if ((yield* store.blockedEitherWay(sender, some)).length > 0) allowed = false
    }
    return allowed ? undefined : Errors.forbidden("You may not add one of these users; leave them out or ask them.")
  }
)

/** Why these may not be added, if so; otherwise they are counted, until they are given back because it did not happen. */
export const mayAdd = Effect.fnUntraced(
  function*(sender: UserId, command: GroupCommand, added: ReadonlyArray<UserId>, services: GroupServices) {
    // What protects users from each other does not stand in the operator's way.
    if (sender === system) return { refusal: undefined, giveBack: () => {} }
    const { quotas } = services
    if (command.type === "join_group") {
      const refusal = quotas.mayJoin(sender)
      return { refusal, giveBack: () => refusal === undefined ? quotas.didNotJoin(sender) : undefined }
    }
    const counts = isCreation(command) || added.length > 0
    // Who has added enough for an hour is told so before a thousand names are looked up.
    const refusal = (counts ? quotas.mayGather(sender, added) : undefined) ??
      (yield* mayNotAdd(sender, added, services)) ??
      (counts ? quotas.gather(sender, added) : undefined)
    const giveBack = () => {
      if (counts && refusal === undefined) quotas.giveBack(sender, added)
    }
    return { refusal, giveBack }
  }
)

export interface ChangeOutcome {
  /** Who is in afterwards. */
  readonly audience: GroupAudience
  readonly removed?: ReadonlyArray<UserId>
  /** It is no good, unless it is a retry of what was good then. */
  readonly refusal?: ChatError
}

interface ChangeRequest extends ChangeOutcome {
  readonly group: GroupId
  readonly sender: UserId
  readonly command: GroupCommand
  readonly trace: MessageTrace | undefined
}

/** Ends with the answer, before the change is delivered; by then it is known whether the group was another. */
export const commitChange = Effect.fnUntraced(
  function*(
    { audience, command, removed, group, refusal, sender, trace }: ChangeRequest,
    { ids, maxMembers, persistence, stamp }: GroupServices
  ) {
    const at = stamp()
    const messageId = ids.messageId(at)
    return yield* askToKeep((requester) =>
      persistence.append({
        append: {
          kind: "group",
          conversation: Conversation.group(group),
          group,
          sender,
          // Always one, because only what has an id is answered.
          clientId: (command.id ?? messageId) as ClientId,
          messageId,
          at,
          change: changeOf(command, sender),
          maxMembers,
          ...(command.type === "join_group" ? { invite: command.invite } : undefined),
          ...(refusal === undefined ? undefined : { refusal })
        },
        requester: trace === undefined ? requester : { ...requester, trace },
        audience,
        removed: removed ?? []
      })
    )
  }
)
