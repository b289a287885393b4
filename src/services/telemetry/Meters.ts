/**
 * What one server counts while it works, and where its gauges are read. Whoever wants to know reads it: nothing is told to
 * anybody. Plain numbers, because one of a message's way costs 2 ns so, and 30 to 80 as an update of an Effect `Metric`.
 */
import { Context, Effect } from "effect"
import { all as closeCodes } from "../../domain/CloseCode.ts"
import { type Kind, kinds } from "../../domain/entries/index.ts"
import { ErrorCode } from "../../domain/Errors.ts"
import { Histogram } from "./Histogram.ts"

/** Those whose mailboxes are looked at; of users and groups, all of them together. */
export const mailboxes = ["ServerActor", "PersistenceActor", "Deliveries", "UserActors", "GroupActors"] as const
export type MailboxName = (typeof mailboxes)[number]

/** What became of what a webhook was told: taken, to be tried again, given up; and that it wants nothing any more. */
export const webhookResults = ["delivered", "retried", "failed", "stopped"] as const
export type WebhookResult = (typeof webhookResults)[number]

/** What became of pushes: taken, to be tried again, given up; their subscriptions are gone; or there was no room for them. */
export const pushResults = ["sent", "retried", "failed", "gone", "dropped"] as const
export type PushResult = (typeof pushResults)[number]

/** `none` are those whose sockets were closed without a word. */
const refusals = ["400", "401", "403", "404", "409", "413", "429", "500", "503", "none", "other"] as const

/** The bus, as this server sees it; one that is alone has none that could fail. */
export interface BusFigures {
  readonly isUp: boolean
  /** How often something was missing in what came over it. */
  readonly gaps: number
  /** Servers that are known, this one among them. */
  readonly nodes: number
}

/** What is so at the moment. Each part of the server says here how it is found out; until then there is nothing. */
export interface Gauges {
  connections: () => number
  usersOnline: () => number
  /** Bytes that wait for clients. */
  outboundBytes: () => number
  groupsActive: () => number
  storeIsUp: () => boolean
  bus: Effect.Effect<BusFigures>
  /** Events that no webhook has taken yet. */
  webhooksWaiting: () => number
  /** Pushes that no push service has taken yet. */
  pushesWaiting: () => number
  /** Messages that wait in a mailbox. */
  readonly mailboxes: Record<MailboxName, () => number>
}

const none = () => 0

/** What one batch may leave behind in memory. */
const kept = 4_096

/** A count for each of these; a name that is none of them is `other`. */
export class Counts<Name extends string = string> {
  readonly #counts: Map<string, number>

  constructor(names: ReadonlyArray<Name>) {
    this.#counts = new Map(names.map((name) => [name, 0]))
  }

  get names(): ReadonlyArray<string> {
    return Array.from(this.#counts.keys())
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  add(name: Name): void {
    const known = this.#counts.get(name)
    if (known === undefined) this.#counts.set("other", this.of("other") + 1)
    else this.#counts.set(name, known + 1)
  }
}

const seconds = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export class Meters {
  /** Entries that were kept, by kind; a retry is none. */
  readonly accepted = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>
  /** Entries that connections were given, live and from the store. */
  deliveries = 0
  /** Those of them that were read from the store for it. */
  redeliveries = 0
  readonly errors = new Counts<ErrorCode>(ErrorCode.literals)
  readonly closed = new Counts<string>([...closeCodes.map(({ code }) => String(code)), "other"])
  readonly refused = new Counts<string>(refusals)
  readonly webhookDeliveries = new Counts<WebhookResult>(webhookResults)
  readonly pushes = new Counts<PushResult>(pushResults)
  /** In seconds. */
  readonly commitDuration = new Histogram([0.000_1, ...seconds])
  readonly commitEntries = new Histogram([1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000])
  readonly acceptDuration = new Histogram(seconds)
  readonly deliveryDuration = new Histogram([0.000_1, ...seconds])

  readonly gauges: Gauges = {
    connections: none,
    usersOnline: none,
    outboundBytes: none,
    groupsActive: none,
    storeIsUp: () => true,
    bus: Effect.succeed({ isUp: true, gaps: 0, nodes: 1 }),
    webhooksWaiting: none,
    pushesWaiting: none,
    mailboxes: Object.fromEntries(mailboxes.map((name) => [name, none])) as Record<MailboxName, () => number>
  }

  /** When the frames were read whose answers are being written. The first so many; the array is not made anew each time. */
  #readAt: Array<number> = []
  #reads = 0
  /** Of the entries that are being written: when they were committed, and how many in a row were at that moment. */
  #rows: Array<number> = []
  #rowsEnd = 0
  #lastCommit = 0
  #lastWrites = 0

  /** A connection was given an entry; `committedAt` is 0 where that was elsewhere or long ago. */
  wrote(committedAt: number): void {
    this.deliveries++
    if (committedAt === this.#lastCommit) this.#lastWrites++
    else this.#begin(committedAt)
  }

  /** The answer to a frame that was read then is about to be written. */
  answered(readAt: number): void {
    this.#readAt[this.#reads++] = readAt
  }

  /**
   * What was announced by these functions has been written, by the monotonic clock. One look at the clock for a batch, as
   * it costs more than all the rest.
   */
  settle(now: () => number): void {
    this.#endRow()
    if (this.#reads === 0 && this.#rowsEnd === 0) return
    const at = now()
    for (let i = 0; i < this.#reads; i++) this.acceptDuration.observe((at - this.#readAt[i]!) / 1_000)
    for (let i = 0; i < this.#rowsEnd; i += 2) {
      this.deliveryDuration.observe((at - this.#rows[i]!) / 1_000, this.#rows[i + 1]!)
    }
    if (this.#reads > kept) this.#readAt = []
    if (this.#rowsEnd > kept) this.#rows = []
    this.#reads = 0
    this.#rowsEnd = 0
  }

  #begin(committedAt: number): void {
    this.#endRow()
    this.#lastCommit = committedAt
    this.#lastWrites = 1
  }

  #endRow(): void {
    if (this.#lastCommit > 0) {
      this.#rows[this.#rowsEnd++] = this.#lastCommit
      this.#rows[this.#rowsEnd++] = this.#lastWrites
    }
    this.#lastCommit = 0
    this.#lastWrites = 0
  }
}

/** Those of this server. `Metrics.layer` provides them; what is counted without it, nobody reads. */
export const CurrentMeters = Context.Reference<Meters>("switchboard/services/telemetry/CurrentMeters", {
  defaultValue: () => new Meters()
})
