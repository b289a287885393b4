/** What somebody wants of their conversations, and of all of them. */
import { Clock, Effect, Option } from "effect"
import type { Targeted } from "../../domain/ClientFrame.ts"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import { forGood } from "../../domain/frames/Preferences.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Asker, Handlers } from "../session/Handlers.ts"
import { groupOf, recipientOf } from "../session/targets.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { type PreferenceChange, Preferences } from "../storage/Preferences.ts"
import { OwnChanges } from "./OwnChanges.ts"
import { asOf } from "./passed.ts"

const notKept = () => Errors.forbidden("This server's store keeps no settings of conversations.")

/** The conversation that a frame means, whether it is there or not. */
const conversationOf = (frame: Targeted, user: UserId): Effect.Effect<ConversationId, Errors.ChatError> => {
  const group = groupOf(frame)
  if (group !== undefined) return Effect.succeed(Conversation.group(group))
  const recipient = recipientOf(frame, user)
  return typeof recipient === "string" ? Effect.succeed(Conversation.direct(user, recipient)) : Effect.fail(recipient)
}

export const preferenceHandlers = Effect.gen(function*() {
  const store = yield* MessageStore
  const others = yield* OwnChanges
  const found = Option.getOrUndefined(yield* Effect.serviceOption(Preferences))
  const kept = Effect.suspend(() => found === undefined ? Effect.fail(notKept()) : Effect.succeed(found))

  /** Keeps the change and tells the user's other connections, if it is one. */
  const change = Effect.fnUntraced(function*(frame: Targeted, { session, user }: Asker, change: PreferenceChange) {
    const preferences = yield* kept
    const conversation = yield* conversationOf(frame, user)
    const now = yield* Clock.currentTimeMillis
    const changed = yield* preferences.change(user, conversation, change)
    if (changed === undefined) {
      const wasIn = Conversation.isGroup(conversation) && (yield* store.wasMember(conversation, user))
      return yield* wasIn ? Errors.notInGroup() : Errors.noConversation()
    }
    const settings = { type: "conversation_settings" as const, conversation, ...asOf(now, changed.preferences) }
    if (changed.changed) yield* others.tell(user, settings, session)
    return settings
  })

  const handlers: Handlers<"mute" | "unmute" | "archive" | "unarchive" | "mark_unread" | "settings"> = {
    mute: Effect.fnUntraced(function*(frame, asker) {
      const { mentions = false, until = forGood } = frame
      const now = yield* Clock.currentTimeMillis
      const mute = until > now ? { until: Math.min(until, forGood), mentions } : undefined
      const { conversation, muted_until } = yield* change(frame, asker, { mute })
      if (muted_until === forGood) return { type: "muted", conversation }
      return { type: "muted", conversation, until: muted_until ?? 0 }
    }),

    unmute: Effect.fnUntraced(function*(frame, asker) {
      const { conversation } = yield* change(frame, asker, { mute: undefined })
      return { type: "muted", conversation, until: 0 }
    }),

    archive: (frame, asker) => change(frame, asker, { archived: true }),
    unarchive: (frame, asker) => change(frame, asker, { archived: false }),

    mark_unread: Effect.fnUntraced(function*(frame, asker) {
      // What the client has read before would end the mark when it is written.
      yield* asker.settleCursors()
      return yield* change(frame, asker, { markedUnread: true })
    }),

    settings: Effect.fnUntraced(function*({ read_privately: wanted }, { session, user }) {
      const preferences = yield* kept
      if (wanted === undefined) {
        const { readPrivately } = yield* preferences.settings(user)
        return { type: "settings", read_privately: readPrivately }
      }
      const settings = { type: "settings" as const, read_privately: wanted }
      if (yield* preferences.setSettings(user, { readPrivately: wanted })) yield* others.tell(user, settings, session)
      return settings
    })
  }
  return handlers
})
