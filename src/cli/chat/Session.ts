/** A chat at a terminal: what happens is shown. What is typed is done by `Typed.ts`, with the means that are here. */
import { Clock, Effect } from "effect"
import type { ChatClientService } from "../../client/ChatClient.ts"
import type { SearchOptions } from "../../client/Commands.ts"
import type { ChatEvent, ClientState, LogEvent, Target } from "../../client/types.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { pushFrame, rulesOf } from "../../domain/entries/index.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { HistoryPage, Presence, TypingPush } from "../../domain/ServerFrame.ts"
import { entryLine, fileLines, pendingLine, saidOf } from "./format.ts"
import { Members } from "./Members.ts"
import { Names } from "./Names.ts"
import type { Screen } from "./Screen.ts"
import { Sending } from "./Sending.ts"
import { Shown } from "./Shown.ts"
import { harmless } from "./text.ts"

/** The conversation that messages go to. */
export interface Open {
  readonly target: Target
  readonly conversation: string
}

/** A search that has more to it. */
export interface Unfinished {
  readonly options: SearchOptions
  readonly cursor: string
}

/** Who goes on typing is told of so often, in milliseconds; the server ends it after six seconds. */
const typingMillis = 3_000

/** A message waits so long for who is in its group. */
const askMillis = 2_000

/** As many members of a group are watched. */
const maxWatched = 100

export class Session {
  readonly client: ChatClientService
  readonly screen: Screen
  readonly names: Names
  readonly members = new Members()
  readonly sending = new Sending()
  /** What `/more` goes on with. */
  unfinished: Unfinished | undefined
  readonly #presence = new Map<string, Presence>()
  readonly #shown = new Shown()
  /** Those whose names were asked for. */
  readonly #met = new Set<string>()
  /** Who types in the conversation that is open. */
  readonly #typing = new Set<string>()
  #open: Open | undefined
  #state: ClientState = { _tag: "Connecting" }
  #wasReady = false
  #refused = 0
  #toldTypingAt = -typingMillis

  constructor(client: ChatClientService, screen: Screen, me: UserId) {
    this.client = client
    this.screen = screen
    this.names = new Names(me)
  }

  get current(): Open | undefined {
    return this.#open
  }

  /** How many messages were refused for good. */
  get refused(): number {
    return this.#refused
  }

  presenceOf(user: string): string {
    return this.#presence.get(user)?.status ?? "unknown"
  }

  /** Talks to them from here on, and shows what was said last; `onlyNew` leaves out what is on the screen already. */
  readonly open = Effect.fnUntraced({ self: this }, function*(target: Target, onlyNew = false) {
    const conversation = this.names.conversationOf(target)
    this.#open = { target, conversation }
    this.#typing.clear()
    yield* this.#footer
    const members = yield* this.#membersOf(target)
    yield* this.#footer
    const page = yield* this.client.history(target, { before: Number.MAX_SAFE_INTEGER, limit: 20 }).pipe(
      // A first message makes the conversation; until then there is none.
      Effect.catchIf((error) => "code" in error && error.code === "not_found", () => Effect.void)
    )
    if (page !== undefined) {
      yield* this.showPage(page, onlyNew)
      this.#shown.addPage(conversation, page.head_seq)
      if (page.head_seq > 0) yield* this.client.read(conversation, page.head_seq)
    }
    if (members.length > 0) yield* Effect.ignore(this.client.subscribePresence(members))
  })

  /** Whom the text mentions, by those who are in the group; asked for in this moment where that is not known yet. */
  readonly mentionsIn = Effect.fnUntraced({ self: this }, function*({ conversation, target }: Open, text: string) {
    const group = Conversation.groupOf(conversation as ConversationId)
    if (group !== undefined && text.includes("@") && !this.members.know(conversation)) {
      // What is said waits no longer for it: without a connection it is kept, as it is typed.
      yield* Effect.ignore(Effect.timeoutOption(this.#membersOf("group" in target ? target : { group }), askMillis))
    }
    return this.members.mentionsIn(conversation, text, this.names.me)
  })

  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.#open = undefined
    return this.#footer
  })

  showPage(page: HistoryPage, onlyNew = false): Effect.Effect<void> {
    return this.screen.say(page, () =>
      page.messages.flatMap((entry) => {
        const event = pushFrame(page.conversation, entry) as LogEvent
        this.names.hear(event)
        if (!this.#shown.add(event) && onlyNew) return []
        // Pages show texts as they are now, so their changes need no lines of their own.
        return rulesOf(entry.kind).isNews ? this.#linesOf(event) : []
      }))
  }

  readonly onEvent = Effect.fnUntraced({ self: this }, function*(event: ChatEvent) {
    switch (event.type) {
      case "pending":
        return yield* this.#footer
      case "accepted":
        yield* this.#show(event.pushed)
        return yield* this.#footer
      case "own":
        return yield* this.#show(event.pushed)
      case "failed":
        this.#refused++
        yield* this.screen.notice(
          `! Not sent, ${harmless(event.reason)} The message was: ${saidOf(event.message)}`
        )
        return yield* this.#footer
      case "presence":
        return yield* this.#onPresence(event)
      case "typing":
        return yield* this.#onTyping(event)
      case "profile":
        this.names.learnPerson(event.user, event.name)
        return yield* this.#footer
      case "receipt":
      case "conversation_settings":
      case "settings":
        return
      case "message_reported": {
        const why = event.reason === undefined ? "" : `: ${harmless(event.reason)}`
        const where = harmless(this.names.labelOf(event.conversation))
        return yield* this.screen.notice(`! Message ${event.seq} in ${where} was reported${why}.`)
      }
      case "auth_expiring":
        return yield* this.screen.notice("! Your sign-in ends soon.")
      default:
        this.names.hear(event)
        if (!this.#shown.isPaged(event)) yield* this.#show(event)
    }
  })

  readonly onState = Effect.fnUntraced({ self: this }, function*(next: ClientState) {
    const before = this.#state
    this.#state = next
    if (next._tag === "Reconnecting" && before._tag === "Ready") {
      yield* this.screen.notice(`* Connection lost (${harmless(next.reason)}), trying again.`)
    }
    // Whoever only changes servers was never gone.
    if (next._tag === "Ready" && before._tag !== "Ready" && this.#wasReady) {
      yield* this.screen.notice("* Connected again.")
    }
    if (next._tag === "Ready") this.#wasReady = true
    // The end of it may be said while nobody hears it, between two connections.
    this.#typing.clear()
    yield* this.#footer
  })

  /** Learns how somebody is shown, in a moment; says where the server knows that nobody has ever been called so. */
  meet(user: string, isWanted = false): Effect.Effect<void> {
    if (this.names.isKnown(user) || (this.#met.has(user) && !isWanted)) return Effect.void
    this.#met.add(user)
    return this.client.profiles([user]).pipe(
      Effect.flatMap(({ profiles, unknown = [] }) => {
        for (const each of profiles) this.names.learnPerson(each.user, each.name)
        return isWanted && unknown.some((each) => each === user)
          ? this.screen.notice(`* Nobody of that name has been here yet: ${harmless(user)}`)
          : this.#footer
      }),
      Effect.ignore,
      // What is said goes on meanwhile; it ends with the client.
      Effect.forkDetach,
      Effect.asVoid
    )
  }

  /** A message is being typed: those whom it is for may know. */
  readonly onEdit = Effect.gen({ self: this }, function*() {
    const now = yield* Clock.currentTimeMillis
    if (this.#open === undefined || now - this.#toldTypingAt < typingMillis) return
    this.#toldTypingAt = now
    yield* this.client.typing(this.#open.target, true)
  })

  /** Something below the line is otherwise now. */
  readonly refresh: Effect.Effect<void> = Effect.suspend(() => this.#footer)

  readonly #footer: Effect.Effect<void> = Effect.suspend(() =>
    Effect.flatMap(this.client.pending, (pending) =>
      this.screen.footer({
        pending: [
          ...this.sending.lines,
          ...pending.map((message) => pendingLine(message, this.#whereOf(this.names.conversationOf(message.target))))
        ],
        status: this.#status(),
        prompt: this.#open === undefined
          ? "(/to NAME) > "
          : `${harmless(this.names.labelOf(this.#open.conversation))} > `
      }))
  )

  #status(): string | undefined {
    const { _tag } = this.#state
    if (_tag === "Connecting") return "* connecting…"
    if (_tag === "Reconnecting") {
      return `* not connected: ${harmless(this.#state.reason)} (attempt ${this.#state.attempt})`
    }
    const typing = Array.from(this.#typing, (user) => harmless(this.names.personOf(user)))
    return typing.length === 0 ? undefined : `* ${typing.join(", ")} ${typing.length === 1 ? "is" : "are"} typing…`
  }

  #linesOf(event: LogEvent, where?: string): ReadonlyArray<string> {
    const line = entryLine(this.names.told(event), this.screen.style, { where, me: this.names.me })
    return [line, ...fileLines(event, this.client.fileUrl)]
  }

  #whereOf(conversation: string): string | undefined {
    return conversation === this.#open?.conversation ? undefined : this.names.labelOf(conversation)
  }

  readonly #show = Effect.fnUntraced({ self: this }, function*(event: LogEvent) {
    this.names.hear(event)
    this.members.hear(event)
    if (!this.#shown.add(event)) return
    if (event.type === "incoming_message") {
      yield* this.meet(event.sender)
      if (this.#typing.delete(event.sender)) yield* this.#footer
    }
    yield* this.screen.say(event, () => this.#linesOf(event, this.#whereOf(event.conversation)))
    if (event.conversation === this.#open?.conversation) yield* this.client.read(event.conversation, event.seq)
  })

  readonly #onPresence = Effect.fnUntraced({ self: this }, function*(event: Presence) {
    const before = this.#presence.get(event.user)?.status
    this.#presence.set(event.user, event)
    if (before === event.status) return
    yield* this.screen.say(event, () => [
      this.screen.style.dim(`* ${harmless(this.names.introduced(event.user))} is ${event.status}`)
    ])
  })

  readonly #onTyping = Effect.fnUntraced({ self: this }, function*({ active, conversation, user }: TypingPush) {
    if (conversation !== this.#open?.conversation) return
    if (active) this.#typing.add(user)
    else this.#typing.delete(user)
    yield* this.#footer
  })

  readonly #membersOf = Effect.fnUntraced({ self: this }, function*(target: Target) {
    if ("recipient" in target) {
      yield* this.meet(target.recipient, true)
      return [target.recipient]
    }
    if (!("group" in target)) return []
    const { members, name } = yield* this.client.groupInfo(target.group)
    this.names.learn(target.group, name)
    this.members.learn(this.names.conversationOf(target), members)
    for (const { name, user } of members) if (name !== undefined) this.names.learnPerson(user, name)
    return members.map(({ user }) => user as string).filter((user) => user !== this.names.me).slice(0, maxWatched)
  })
}
