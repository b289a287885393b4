/** Hands the entries of each log to the application in order: what was seen is dropped, what is missing comes first. */
import { Effect } from "effect"
import { pushFrame } from "../domain/entries/index.ts"
import type { ConversationId } from "../domain/Ids.ts"
import type { HistoryPage } from "../domain/ServerFrame.ts"
import type { Confirmations } from "./Confirmations.ts"
import type { Events } from "./Events.ts"
import type { Log } from "./Log.ts"
import type { AskFor, LogEvent } from "./types.ts"

export interface SequencerOptions {
  readonly events: Events
  readonly confirmations: Confirmations
  readonly ask: AskFor
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

/** As many entries are asked for at once. */
const pageSize = 100

export class Sequencer {
  readonly #options: SequencerOptions
  /** Logs whose missing entries wait until there is room. */
  readonly #postponed = new Set<Log>()

  constructor(options: SequencerOptions) {
    this.#options = options
  }

  /** An entry was pushed; where the log stands has to be known. */
  push(log: Log, event: LogEvent): void {
    if (this.#options.events.isFull) {
      log.head = Math.max(log.head, event.seq)
      this.#postponed.add(log)
    } else {
      this.#accept(log, event)
      this.fill(log)
    }
  }

  /** Reads what is known to exist and was not handed over, unless somebody does. */
  fill(log: Log): void {
    if (log.filling || !log.behind) return
    if (this.#options.events.isFull) return void this.#postponed.add(log)
    log.filling = true
    this.#options.run(
      this.#readMissing(log).pipe(
        Effect.catch(() => Effect.sync(() => this.#giveUp(log))),
        Effect.andThen(Effect.sync(() => {
          log.filling = false
          this.fill(log)
        }))
      )
    )
  }

  /** The application took an entry, so there may be room for others. */
  taken(log: Log): void {
    this.#options.confirmations.confirm(log)
    if (this.#postponed.size === 0 || !this.#options.events.hasRoom) return
    const waiting = Array.from(this.#postponed)
    this.#postponed.clear()
    for (const each of waiting) this.fill(each)
  }

  #accept(log: Log, event: LogEvent): void {
    const verdict = log.see(event.seq)
    if (verdict === "deliver") {
      log.handed(event.seq)
      this.#options.events.offer(event, log, event.seq)
    } else if (verdict === "gap") {
      log.beyond = event
    } else if (event.seq <= log.complete) {
      // It would not have been pushed again if the confirmation had arrived.
      this.#options.confirmations.confirmAgain(log, event.seq)
    }
  }

  readonly #readMissing = Effect.fnUntraced({ self: this }, function*(log: Log) {
    const { conversation } = log
    const { ask, events } = this.#options
    while (log.behind && !events.isFull) {
      const { head } = log
      const question = { type: "history", conversation, after: log.position!, limit: pageSize } as const
      const { messages } = yield* ask<HistoryPage>(question)
      const first = messages[0]
      // The oldest entries may be gone for good.
      log.skipTo(first === undefined ? head : first.seq - 1)
      for (const entry of messages) this.#accept(log, pushFrame(conversation as ConversationId, entry) as LogEvent)
    }
  })

  /** What may not be read any more is not missing: the user left the group, and the last push tells of it. */
  #giveUp(log: Log): void {
    const { beyond, head } = log
    log.skipTo(beyond?.seq === head ? head - 1 : head)
    if (beyond?.seq === head) this.#accept(log, beyond)
  }
}
