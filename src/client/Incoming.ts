/** What the server says of logs, and where this device stands in each of them. */
import { Effect } from "effect"
import { defined } from "../domain/defined.ts"
import type { ConversationList, MessageAccepted, Welcome } from "../domain/ServerFrame.ts"
import { Confirmations } from "./Confirmations.ts"
import type { Events } from "./Events.ts"
import { Log } from "./Log.ts"
import { Sequencer } from "./Sequencer.ts"
import type { Answer, Ask, AskFor, ChatEvent, LogEvent } from "./types.ts"
import type { Unanswered } from "./Unanswered.ts"

export interface IncomingOptions {
  /** Whether the connection names its device; nameless ones share a cursor that others move too. */
  readonly named: boolean
  /** The application asks for the list of conversations on each connection. */
  readonly listed: boolean
  readonly events: Events
  readonly say: Unanswered["say"]
  readonly ask: AskFor
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

type ListQuestion = Extract<Ask, { readonly type: "conversations" }>

/** As many conversations are asked for at once. */
const pageSize = 100

/** As many pushes wait while it is found out where their logs stand; those beyond are read from the history. */
const maxHeld = 1_000

const isSeq = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) > 0

export class Incoming {
  readonly #options: IncomingOptions
  readonly #confirmations: Confirmations
  readonly #sequencer: Sequencer
  readonly #logs = new Map<string, Log>()
  /** Pushed before it was known what comes before them. */
  #held: Array<LogEvent> = []
  #syncing = false
  /** Once all conversations are known, one that is new begins with its first entry. */
  #synced = false

  constructor(options: IncomingOptions) {
    const { ask, events, run, say } = options
    this.#options = options
    this.#confirmations = new Confirmations({ run, say })
    this.#sequencer = new Sequencer({ ask, confirmations: this.#confirmations, events, run })
  }

  /** A connection begins. */
  welcomed({ durability }: Welcome): void {
    this.#confirmations.connected(this.#logs.values())
    const { listed, named } = this.#options
    // Others may have moved a shared cursor, and a server without a disk may have begun anew.
    if ((!named && !listed) || (this.#logs.size > 0 && durability === "memory")) this.#sync()
  }

  pushed(event: LogEvent): void {
    if (typeof event.conversation !== "string" || !isSeq(event.seq)) return
    const log = this.#logOf(event.conversation)
    // Of a log that is in no list so far, the server pushes all that is not confirmed, in order.
    if (log.position === undefined && (event.seq === 1 || this.#options.listed)) log.skipTo(event.seq - 1)
    if (log.position !== undefined) return this.#sequencer.push(log, event)
    log.head = Math.max(log.head, event.seq)
    if (this.#held.length < maxHeld) this.#held.push(event)
    this.#sync()
  }

  /**
   * An entry that this client made has its place. Where the application is told of it (`tell`), it has that entry only when
   * it has taken what it is told: it may end before.
   */
  answered({ conversation, seq }: MessageAccepted, isTold: boolean): void {
    const log = this.#logOf(conversation)
    log.answered(seq)
    const isTaken = !isTold || !this.#options.events.isWanted
    if (!isTaken) log.handed(seq)
    if (log.position === undefined) return this.#sync()
    // What is still to be taken is confirmed then; it is not looked through for each of many answers.
    if (isTaken && log.complete > log.confirmed) this.#confirmations.confirm(log)
    // What is missing before it was lost, or kept from this user, and then nobody pushes it.
    this.#sequencer.fill(log)
  }

  /** Tells the application of an entry that this client made. */
  tell(event: ChatEvent, { conversation, seq }: MessageAccepted): void {
    this.#options.events.offerOwn(event, this.#logOf(conversation), seq)
  }

  /** The heartbeat names the last entry of each conversation that the server has no confirmation for. */
  heads(heads: Readonly<Record<string, number>>): void {
    for (const [conversation, head] of Object.entries(heads)) {
      if (!isSeq(head)) continue
      const log = this.#logOf(conversation)
      log.head = Math.max(log.head, head)
      if (log.position === undefined) this.#sync()
      else if (head <= log.complete) this.#confirmations.confirmAgain(log, head)
      else this.#sequencer.fill(log)
    }
  }

  /** The application took an entry, so it may be confirmed. */
  taken(log: Log): void {
    this.#sequencer.taken(log)
  }

  /** Asks for conversations, and learns from the answer. */
  readonly list = (question: ListQuestion): Answer<ConversationList> =>
    Effect.tap(this.#readPage(question), () => Effect.sync(() => this.#syncing || this.#fillAll()))

  #logOf(conversation: string): Log {
    let log = this.#logs.get(conversation)
    if (log === undefined) {
      log = new Log(conversation, this.#synced ? 0 : undefined)
      this.#logs.set(conversation, log)
    }
    return log
  }

  #fillAll(): void {
    for (const log of this.#logs.values()) this.#sequencer.fill(log)
  }

  /** Where this device stands in the conversations that are asked for. */
  readonly #readPage = Effect.fnUntraced({ self: this }, function*(question: ListQuestion) {
    // Before the question: what is pushed while it is answered may be newer than the answer.
    const positions = new Map(Array.from(this.#logs.values(), (log) => [log, log.position ?? 0]))
    const page = yield* this.#options.ask<ConversationList>(question)
    for (const { conversation, head_seq, received } of page.conversations) {
      const log = this.#logOf(conversation)
      if (log.position === undefined) log.skipTo(received)
      else if ((positions.get(log) ?? 0) > head_seq) log.restart(received, head_seq)
      // What is beyond was confirmed by nobody, so it is pushed to this connection.
      log.head = Math.max(log.head, received)
      log.confirmed = Math.max(log.confirmed, received)
      if (log.complete > log.confirmed) this.#confirmations.confirm(log)
    }
    return page
  })

  /** In all of them. */
  readonly #readPositions = Effect.gen({ self: this }, function*() {
    if (this.#options.listed) {
      // What something was just said in is among the latest; most of the others nobody asks about.
      yield* this.#readPage({ type: "conversations", order: "recent", limit: pageSize })
      if (Array.from(this.#logs.values()).every(({ position }) => position !== undefined)) return
    }
    let after: string | undefined
    do {
      const page = yield* this.#readPage({ type: "conversations", limit: pageSize, ...defined({ after }) })
      after = page.has_more ? page.conversations.at(-1)?.conversation : undefined
    } while (after !== undefined)
    this.#synced = true
  })

  #sync(): void {
    if (this.#syncing) return
    this.#syncing = true
    this.#options.run(Effect.andThen(
      Effect.ignore(this.#readPositions),
      Effect.sync(() => {
        this.#syncing = false
        const waiting = this.#held
        this.#held = []
        for (const event of waiting) {
          const log = this.#logOf(event.conversation)
          // Conversations that nobody can list begin where the server begins.
          if (log.position === undefined) log.skipTo(event.seq - 1)
          this.#sequencer.push(log, event)
        }
        this.#fillAll()
      })
    ))
  }
}
