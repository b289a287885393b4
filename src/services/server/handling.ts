/** What the `ServerActor` does with one message, and with one that comes when nobody is there any more. */
import { Effect, Exit, FiberSet, Schedule } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import { system } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import { refuse as refuseInGroup } from "../group/GroupMessage.ts"
import { Groups } from "../group/Groups.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { ask, type Handled } from "../kernel/Mailbox.ts"
import { Quotas } from "../limits/Quotas.ts"
import { appendOf } from "../persistence/Appends.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Typing } from "../presence/Typing.ts"
import { LogClock } from "../storage/LogClock.ts"
import type { Registrations } from "./Registrations.ts"
import type { ServerMessage } from "./ServerMessage.ts"
import { makeTypingRoutes } from "./TypingRoutes.ts"

const againAfter = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")])

/** Everything told before goes through the groups, then through the PersistenceActor. */
export const handOn = (groups: Groups["Service"], persistence: PersistenceActor["Service"], done: () => void) =>
  Effect.andThen(
    ask((answer) => groups.flush(() => answer(Effect.void))),
    persistence.flush(done)
  )

export const makeHandler = Effect.fnUntraced(function*(registrations: Registrations) {
  const groups = yield* Groups
  const ids = yield* IdGenerator
  const logClock = yield* LogClock
  const persistence = yield* PersistenceActor
  const quotas = yield* Quotas
  const run = yield* FiberSet.makeRuntime<never>()
  const typing = yield* Typing
  const showTyping = makeTypingRoutes({
    registry: () => registrations.connected,
    groups,
    typing,
    cluster: yield* Cluster
  })

  const say = (message: Extract<ServerMessage, { readonly _tag: "UserChat" }>): Handled => {
    const at = logClock.stamp()
    const { byApp, command, conversation, readAt, recipient, requester, sender } = message
    const append = appendOf(command, conversation, sender, ids.messageId(at), at)
    const mayNotBegin = byApp === true || sender === recipient ? undefined : quotas.mayBegin(sender)
    return persistence.append({
      append: mayNotBegin === undefined ? append : { ...append, mayNotBegin },
      readAt,
      requester,
      // The operator is neither of the two.
      audience: sender === system
        ? Conversation.usersOf(conversation)
        : sender === recipient
        ? [sender]
        : [recipient, sender]
    })
  }

  return (message: ServerMessage): Handled => {
    switch (message._tag) {
      case "RegisterUser":
        return registrations.register(message.ref)
      case "UnregisterUser":
        return registrations.unregister(message.ref)
      case "UserChat":
        return say(message)
      case "Group":
        return groups.tell(message.group, message.message)
      case "Typing":
        return showTyping(message)
      case "Blocked": {
        const { by, done, on, settled, user } = message
        const tell = persistence.note({ _tag: "Blocked", user: by, other: user, on })
        // The store has the block, or may have it: others have to hear of it, however often they cannot be told, and whoever
        // asked for it has no answer before they do.
        run(tell.pipe(
          Effect.onExit((told) => Effect.sync(() => done(told))),
          Effect.catch(() => Effect.ignore(Effect.retry(tell, againAfter))),
          Effect.ensuring(Effect.sync(settled))
        ))
        return on ? typing.blocked(by, user) : undefined
      }
      case "Kick":
        return Effect.map(Effect.exit(Effect.sync(() => registrations.kick(message.matches))), message.done)
      case "Flush":
        return handOn(groups, persistence, message.done)
    }
  }
})

/** Nobody is there who would carry it out; whoever waits has an answer. */
export const refuse = (message: ServerMessage): void => {
  switch (message._tag) {
    case "UserChat":
      message.requester.settled()
      message.requester.rejected(message.command.id, Errors.stopping())
      return message.requester.flush()
    case "Group":
      return refuseInGroup(message.message, Errors.stopping())
    case "Kick":
      return message.done(Exit.succeed(0))
    case "Flush":
      return message.done()
    case "Blocked":
      message.settled()
      return message.done(Effect.fail(Errors.stopping()))
    case "RegisterUser":
    case "UnregisterUser":
    case "Typing":
  }
}
