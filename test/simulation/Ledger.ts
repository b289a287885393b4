/** What the database really kept, and when: what clients are told is held against it. */
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import type { Append, AppendResult, CursorMove, CursorResult } from "../../src/services/storage/Append.ts"
import { type Kept, keptKey } from "./Facts.ts"

export interface LedgerOptions {
  readonly now: () => number
  readonly trace: (who: string, what: string) => void
  readonly violated: (promise: "P1", law: string, what: string) => void
}

interface BlockKept {
  readonly user: string
  readonly other: string
  readonly on: boolean
  readonly at: number
}

export class Ledger {
  readonly kept = new Map<string, Kept>()
  /** The last place of each conversation. */
  readonly heads = new Map<string, number>()
  readonly #blocks: Array<BlockKept> = []
  /** How far devices have confirmed, and since when; the latest last. */
  readonly #confirmed = new Map<string, Array<{ readonly upTo: number; readonly at: number }>>()
  /** Whom somebody has blocked, as they were told. */
  readonly #told: Array<{ readonly user: string; readonly users: ReadonlyArray<string>; readonly at: number }> = []
  readonly #options: LedgerOptions

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  keep(appends: ReadonlyArray<Append>, results: ReadonlyArray<AppendResult>): void {
    const { now, trace } = this.#options
    results.forEach((result, i) => {
      if (result._tag === "Rejected" || result.duplicate) return
      const { clientId, conversation, sender } = appends[i]!
      const { messageId, seq } = result
      this.kept.set(keptKey(conversation, seq), { at: now(), sender, messageId, clientId })
      this.heads.set(conversation, Math.max(seq, this.heads.get(conversation) ?? 0))
      trace("store", `keeps ${conversation} ${seq} of ${sender}`)
    })
  }

  move(moves: ReadonlyArray<CursorMove>, results: ReadonlyArray<CursorResult>): void {
    for (const [i, move] of moves.entries()) {
      if (move.kind !== "received" || results[i]!._tag !== "Moved") continue
      const key = `${move.user} ${move.device} ${move.conversation}`
      const known = this.#confirmed.get(key)
      const now = { upTo: move.upTo, at: this.#options.now() }
      if (known === undefined) this.#confirmed.set(key, [now])
      else known.push(now)
    }
  }

  /** How far a device had confirmed before then, by true time. */
  confirmedAt(user: string, device: string, conversation: string, at: number): number {
    const known = this.#confirmed.get(`${user} ${device} ${conversation}`) ?? []
    return known.reduce((most, move) => move.at < at ? Math.max(most, move.upTo) : most, 0)
  }

  block(user: string, other: string, on: boolean): void {
    this.#blocks.push({ user, other, on, at: this.#options.now() })
  }

  /** Since when this user was told, before then, that they have that one blocked, by true time. */
  blockedAt(user: string, other: string, before: number): number | undefined {
    const changes = this.#blocks.filter((block) => block.user === user && block.other === other && block.at <= before)
    const begun = changes[changes.findLastIndex(({ on }) => !on) + 1]
    if (begun === undefined) return undefined
    const told = this.#told.find(({ at, users, ...each }) =>
      each.user === user && users.includes(other) && at >= begun.at && at <= before
    )
    return told?.at
  }

  /** Whether this user had that one blocked at that true time. */
  wasBlocked(user: string, other: string, at: number): boolean {
    const changes = this.#blocks.filter((block) => block.user === user && block.other === other && block.at <= at)
    return changes.at(-1)?.on === true
  }

  /** P1: whoever is told that something is kept is told so after it was. */
  wrote(user: string, text: string): void {
    if (text.startsWith("{\"type\":\"blocked_users\"")) {
      const { users } = JSON.parse(text) as Extract<ServerFrame, { type: "blocked_users" }>
      this.#told.push({ user, users, at: this.#options.now() })
    }
    if (!text.startsWith("{\"type\":\"message_accepted\"")) return
    const { conversation, message_id, seq } = JSON.parse(text) as Extract<ServerFrame, { type: "message_accepted" }>
    const kept = this.kept.get(keptKey(conversation, seq))
    if (kept?.messageId === message_id && kept.sender === user) return
    const what = `${user} is told ${conversation} ${seq}, which is not kept so`
    this.#options.violated("P1", "accepted after the commit", what)
  }
}
