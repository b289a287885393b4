/** A chat at a terminal: what happens is shown. What is typed is done by `Typed.ts`, with the means that are here. */
import { Clock, Effect } from "effect"
import type { ChatClientService } from "../../client/ChatClient.ts"
import type { ClientError } from "../../client/ClientError.ts"
import type { ChatEvent, ClientState, LogEvent, Target } from "../../client/types.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { pushFrame } from "../../domain/Pushes.ts"
import type { GroupInfo, HistoryPage, Presence, TypingPush } from "../../domain/ServerFrame.ts"
import { entryLine, pendingLine } from "./format.ts"
import { Names } from "./Names.ts"
import type { Screen } from "./Screen.ts"
import { harmless } from "./text.ts"

type Failure = ChatError | ClientError

/** The conversation that messages go to. */
export interface Open {
  readonly target: Target
  readonly conversation: string
}

export interface Session {
  readonly client: ChatClientService
  readonly screen: Screen
  readonly names: Names
  readonly current: () => Open | undefined
  readonly presenceOf: (user: string) => string
  /** Talks to them from here on, and shows what was said last; `onlyNew` leaves out what is on the screen already. */
  readonly open: (target: Target, onlyNew?: boolean) => Effect.Effect<void, Failure>
  readonly close: Effect.Effect<void>
  readonly showPage: (page: HistoryPage, onlyNew?: boolean) => Effect.Effect<void>
  readonly onEvent: (event: ChatEvent) => Effect.Effect<void>
  /** A message is being typed: those whom it is for may know. */
  readonly onEdit: Effect.Effect<void>
  readonly onState: (state: ClientState) => Effect.Effect<void>
  /** Messages that were refused for good. */
  readonly refused: () => number
}

/** Who goes on typing is told of so often, in milliseconds; the server ends it after six seconds. */
const typingMillis = 3_000

/** As many of the latest messages are known to be on the screen. */
const maxShown = 10_000

/** As many members of a group are watched. */
const maxWatched = 100

export const makeSession = (client: ChatClientService, screen: Screen, me: UserId): Session => {
  const names = new Names(me)
  const presence = new Map<string, Presence>()
  /** What was shown already: up to a place by a page of history, and one by one. */
  const paged = new Map<string, number>()
  const shown = new Set<string>()
  let open: Open | undefined
  let state: ClientState = { _tag: "Connecting" }
  let refused = 0
  let wasReady = false
  /** Who types in the conversation that is open. */
  const typing = new Set<string>()
  let toldTypingAt = -typingMillis

  const status = (): string | undefined =>
    state._tag === "Reconnecting"
      ? `* not connected: ${harmless(state.reason)} (attempt ${state.attempt})`
      : state._tag === "Connecting"
      ? "* connecting…"
      : typing.size > 0
      ? `* ${Array.from(typing, harmless).join(", ")} ${typing.size === 1 ? "is" : "are"} typing…`
      : undefined

  const whereOf = (conversation: string): string | undefined =>
    conversation === open?.conversation ? undefined : names.labelOf(conversation)

  const footer = Effect.flatMap(client.pending, (pending) =>
    screen.footer({
      pending: pending.map((message) => pendingLine(message, whereOf(names.conversationOf(message.target)))),
      status: status(),
      prompt: open === undefined ? "(/to NAME) > " : `${harmless(names.labelOf(open.conversation))} > `
    }))

  /** Messages have names that no other has, also after a server without a disk began to count anew. */
  const keyOf = (event: LogEvent): string =>
    event.type === "group_changed" ? `${event.conversation} ${event.seq}` : event.message_id

  /** Whether it was not shown yet; from here on it was. */
  const isNew = (key: string): boolean => {
    if (shown.has(key)) return false
    shown.add(key)
    const [oldest] = shown
    if (shown.size > maxShown && oldest !== undefined) shown.delete(oldest)
    return true
  }

  const show = Effect.fnUntraced(function*(event: LogEvent) {
    names.hear(event)
    if (!isNew(keyOf(event))) return
    if (event.type === "incoming_message" && typing.delete(event.sender)) yield* footer
    yield* screen.say(event, () => [entryLine(event, screen.style, whereOf(event.conversation))])
    if (event.conversation === open?.conversation) yield* client.read(event.conversation, event.seq)
  })

  const onPush = (event: LogEvent) => {
    names.hear(event)
    return event.seq > (paged.get(event.conversation) ?? 0) ? show(event) : Effect.void
  }

  const onPresence = Effect.fnUntraced(function*(event: Presence) {
    const before = presence.get(event.user)?.status
    presence.set(event.user, event)
    if (before !== event.status) {
      yield* screen.say(event, () => [screen.style.dim(`* ${harmless(event.user)} is ${event.status}`)])
    }
  })

  const onTyping = Effect.fnUntraced(function*({ active, conversation, user }: TypingPush) {
    if (conversation !== open?.conversation) return
    if (active) typing.add(user)
    else typing.delete(user)
    yield* footer
  })

  const onEvent = Effect.fnUntraced(function*(event: ChatEvent) {
    switch (event.type) {
      case "pending":
        return yield* footer
      case "accepted":
        yield* show(event.entry)
        return yield* footer
      case "own":
        return yield* show(event.entry)
      case "failed":
        refused++
        yield* screen.notice(`! Not sent, ${harmless(event.reason)} The message was: ${harmless(event.message.text)}`)
        return yield* footer
      case "presence":
        return yield* onPresence(event)
      case "typing":
        return yield* onTyping(event)
      case "receipt":
        return
      case "auth_expiring":
        return yield* screen.notice("! Your sign-in ends soon.")
      default:
        return yield* onPush(event)
    }
  })

  const onState = Effect.fnUntraced(function*(next: ClientState) {
    const before = state
    state = next
    if (next._tag === "Reconnecting" && before._tag === "Ready") {
      yield* screen.notice(`* Connection lost (${harmless(next.reason)}), trying again.`)
    }
    if (next._tag === "Ready" && wasReady) yield* screen.notice("* Connected again.")
    if (next._tag === "Ready") wasReady = true
    // The end of it may be said while nobody hears it.
    else typing.clear()
    yield* footer
  })

  const showPage: Session["showPage"] = (page, onlyNew = false) =>
    screen.say(page, () =>
      page.messages.flatMap((entry) => {
        const { conversation } = page
        const event = pushFrame(conversation as ConversationId, entry) as LogEvent
        names.hear(event)
        if (!isNew(keyOf(event)) && onlyNew) return []
        // Pages show texts as they are now, so their changes need no lines of their own.
        return event.type === "incoming_message" || event.type === "group_changed"
          ? [entryLine(event, screen.style)]
          : []
      }))

  const membersOf = Effect.fnUntraced(function*(target: Target) {
    if ("recipient" in target) return [target.recipient]
    if (!("group" in target)) return []
    const { members, name }: GroupInfo = yield* client.groupInfo(target.group)
    names.learn(target.group, name)
    return members.map(({ user }) => user as string).filter((user) => user !== me).slice(0, maxWatched)
  })

  return {
    client,
    screen,
    names,
    current: () => open,
    presenceOf: (user) => presence.get(user)?.status ?? "unknown",
    open: Effect.fnUntraced(function*(target, onlyNew = false) {
      const conversation = names.conversationOf(target)
      open = { target, conversation }
      typing.clear()
      yield* footer
      const members = yield* membersOf(target)
      yield* footer
      const page = yield* client.history(target, { before: Number.MAX_SAFE_INTEGER, limit: 20 }).pipe(
        // A first message makes the conversation; until then there is none.
        Effect.catchIf((error) => "code" in error && error.code === "not_found", () => Effect.void)
      )
      if (page !== undefined) {
        yield* showPage(page, onlyNew)
        paged.set(conversation, Math.max(paged.get(conversation) ?? 0, page.head_seq))
        if (page.head_seq > 0) yield* client.read(conversation, page.head_seq)
      }
      if (members.length > 0) yield* Effect.ignore(client.subscribePresence(members))
    }),
    close: Effect.suspend(() => {
      open = undefined
      return footer
    }),
    showPage,
    onEvent,
    onEdit: Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      if (open === undefined || now - toldTypingAt < typingMillis) return
      toldTypingAt = now
      yield* client.typing(open.target, true)
    }),
    onState,
    refused: () => refused
  }
}
