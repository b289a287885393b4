/**
 * What the server pushes, on its way to the application: what was seen is dropped, what is missing is read from the
 * history first, and what the application took is confirmed.
 */
import { Effect } from "effect"
import type { ConversationId } from "../domain/Ids.ts"
import { pushFrame } from "../domain/Pushes.ts"
import type { ConversationList, HistoryPage, Welcome } from "../domain/ServerFrame.ts"
import type { Events } from "./Events.ts"
import { Log } from "./Log.ts"
import type { Answer, Ask, AskFor, LogEvent } from "./types.ts"

export interface IncomingOptions {
  /** Whether the connection names its device; nameless ones share a cursor that others move too. */
  readonly named: boolean
  /** The application asks for the list of conversations on each connection. */
  readonly listed: boolean
  readonly events: Events
  /** Says something that has no answer; false when there is no connection. */
  readonly tell: (frame: object) => boolean
  readonly ask: AskFor
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

/** Entries and conversations are asked for in pages of this size. */
const pageSize = 100

/** As many pushes wait while it is found out where their logs stand; those beyond are read from the history. */
const maxHeld = 1_000

/** Confirmations gather for so long: ten of them a second cost the connection nothing. */
const confirmAfter = "100 millis"

const isSeq = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) > 0

export interface Incoming {
  /** A connection begins. What the former one was told about this device may have been lost with it. */
  readonly welcomed: (welcome: Welcome) => void
  readonly pushed: (event: LogEvent) => void
  /** An entry that this client made has its place. */
  readonly answered: (conversation: string, seq: number) => void
  /** The heartbeat names the last entry of each conversation that the server has no confirmation for. */
  readonly heads: (heads: Readonly<Record<string, number>>) => void
  /** Asks for conversations, and learns from the answer. */
  readonly list: (frame: Extract<Ask, { readonly type: "conversations" }>) => Answer<ConversationList>
  /** The application took an entry, so it may be confirmed, and there may be room for others. */
  readonly took: (log: Log) => void
}

export const makeIncoming = ({ ask, events, listed, named, run, tell }: IncomingOptions): Incoming => {
  const logs = new Map<string, Log>()
  /** Those in which the application has taken more than was confirmed. */
  const unconfirmed = new Set<Log>()
  /** Those whose missing entries wait until there is room. */
  const postponed = new Set<Log>()
  /** Pushed before it was known what comes before them. */
  let held: Array<LogEvent> = []
  let confirming = false
  let syncing = false
  /** Once all conversations are known, one that is new begins with its first entry. */
  let synced = false

  const logOf = (conversation: string): Log => {
    let log = logs.get(conversation)
    if (log === undefined) {
      log = new Log(conversation, synced ? 0 : undefined)
      logs.set(conversation, log)
    }
    return log
  }

  const sendConfirmations = () => {
    confirming = false
    for (const log of unconfirmed) {
      const upTo = log.complete
      // Without a connection it stays for the next one.
      if (upTo > log.confirmed && !tell({ type: "received", conversation: log.conversation, up_to: upTo })) return
      log.confirmed = Math.max(log.confirmed, upTo)
      unconfirmed.delete(log)
    }
  }

  const confirmSoon = () => {
    if (confirming || unconfirmed.size === 0) return
    confirming = true
    run(Effect.andThen(Effect.sleep(confirmAfter), Effect.sync(sendConfirmations)))
  }

  const confirm = (log: Log) => {
    unconfirmed.add(log)
    confirmSoon()
  }

  const confirmAgain = (log: Log, seq: number) => {
    log.confirmed = Math.min(log.confirmed, seq - 1)
    confirm(log)
  }

  const accept = (log: Log, event: LogEvent) => {
    const verdict = log.see(event.seq)
    if (verdict === "deliver") events.offer(event, log, event.seq)
    // It would not have been pushed again if the confirmation had arrived.
    else if (verdict === "seen" && event.seq <= log.complete) confirmAgain(log, event.seq)
    else if (verdict === "gap") log.beyond = event
  }

  const readMissing = Effect.fnUntraced(function*(log: Log) {
    const { conversation } = log
    while (log.behind && !events.isFull) {
      const { head } = log
      const { messages } = yield* ask<HistoryPage>({
        type: "history",
        conversation,
        after: log.position!,
        limit: pageSize
      })
      const first = messages[0]
      // The oldest entries may be gone for good.
      log.skipTo(first === undefined ? head : first.seq - 1)
      for (const entry of messages) accept(log, pushFrame(conversation as ConversationId, entry) as LogEvent)
    }
  })

  /** What may not be read any more is not missing: the user left the group, and the last push tells of it. */
  const giveUp = (log: Log): void => {
    const { beyond, head } = log
    log.skipTo(beyond?.seq === head ? head - 1 : head)
    if (beyond?.seq === head) accept(log, beyond)
  }

  const fill = (log: Log): void => {
    if (log.filling || !log.behind) return
    if (events.isFull) return void postponed.add(log)
    log.filling = true
    run(
      readMissing(log).pipe(
        Effect.catch(() => Effect.sync(() => giveUp(log))),
        Effect.andThen(Effect.sync(() => {
          log.filling = false
          fill(log)
        }))
      )
    )
  }

  /** Where this device stands in the conversations that are asked for. */
  const list: Incoming["list"] = Effect.fnUntraced(function*(frame) {
    // Before the question: what is pushed while it is answered may be newer than the answer.
    const positions = new Map(Array.from(logs.values(), (log) => [log, log.position ?? 0]))
    const page = yield* ask<ConversationList>(frame)
    for (const { conversation, head_seq, received } of page.conversations) {
      const log = logOf(conversation)
      if (log.position === undefined) log.skipTo(received)
      else if ((positions.get(log) ?? 0) > head_seq) log.restart(received, head_seq)
      // What is beyond was confirmed by nobody, so it is pushed to this connection.
      log.head = Math.max(log.head, received)
      log.confirmed = Math.max(log.confirmed, received)
      if (log.complete > log.confirmed) confirm(log)
    }
    return page
  })

  /** In all of them. */
  const readPositions = Effect.gen(function*() {
    // What something was just said in is among the latest; most of the others nobody asks about.
    if (listed) yield* list({ type: "conversations", order: "recent", limit: pageSize })
    if (listed && Array.from(logs.values()).every(({ position }) => position !== undefined)) return
    let after: string | undefined
    do {
      const page = yield* list({
        type: "conversations",
        limit: pageSize,
        ...(after === undefined ? undefined : { after })
      })
      after = page.has_more ? page.conversations.at(-1)?.conversation : undefined
    } while (after !== undefined)
    synced = true
  })

  const sync = () => {
    if (syncing) return
    syncing = true
    run(Effect.andThen(
      Effect.ignore(readPositions),
      Effect.sync(() => {
        syncing = false
        const waiting = held
        held = []
        for (const event of waiting) handle(event)
        for (const log of logs.values()) fill(log)
      })
    ))
  }

  const handle = (event: LogEvent) => {
    const log = logOf(event.conversation)
    // Conversations that nobody can list begin where the server begins.
    if (log.position === undefined) log.skipTo(event.seq - 1)
    if (events.isFull) {
      log.head = Math.max(log.head, event.seq)
      postponed.add(log)
    } else {
      accept(log, event)
      fill(log)
    }
  }

  return {
    list: (frame) =>
      Effect.tap(list(frame), () =>
        Effect.sync(() => {
          if (!syncing) { for (const log of logs.values()) fill(log) }
        })),
    welcomed: ({ durability }) => {
      for (const log of logs.values()) log.confirmed = 0
      confirmSoon()
      // Others may have moved a shared cursor, and a server without a disk may have begun anew.
      if ((!named && !listed) || (logs.size > 0 && durability === "memory")) sync()
    },
    pushed: (event) => {
      if (typeof event.conversation !== "string" || !isSeq(event.seq)) return
      const log = logOf(event.conversation)
      // Of a log that is in no list so far, the server pushes all that is not confirmed, in order.
      if (log.position === undefined && (event.seq === 1 || listed)) log.skipTo(event.seq - 1)
      if (log.position !== undefined) return handle(event)
      log.head = Math.max(log.head, event.seq)
      if (held.length < maxHeld) held.push(event)
      sync()
    },
    answered: (conversation, seq) => {
      const log = logOf(conversation)
      log.answered(seq)
      if (log.position === undefined) return sync()
      if (log.complete > log.confirmed) confirm(log)
      // What is missing before it was lost, or kept from this user, and then nobody pushes it.
      fill(log)
    },
    heads: (heads) => {
      for (const [conversation, head] of Object.entries(heads)) {
        if (!isSeq(head)) continue
        const log = logOf(conversation)
        log.head = Math.max(log.head, head)
        if (log.position === undefined) sync()
        else if (head <= log.complete) confirmAgain(log, head)
        else fill(log)
      }
    },
    took: (log) => {
      confirm(log)
      if (postponed.size === 0 || !events.hasRoom) return
      const waiting = Array.from(postponed)
      postponed.clear()
      for (const each of waiting) fill(each)
    }
  }
}
