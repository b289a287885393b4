/**
 * What a block hides. It is a span of time, so that what was said within it stays unseen when it is over. The rules of
 * spans are said once, for all stores and for what a server knows of its users.
 */
import { type Entry, rulesOf } from "./entries/index.ts"
import type { UserId } from "./Ids.ts"

/** From `since` on, and before `until`, in milliseconds since the epoch, a user has `blocked` blocked. */
export interface BlockSpan {
  readonly blocked: UserId
  readonly since: number
  readonly until?: number
}

/** How far the clocks of servers may differ for their times to be compared, in milliseconds; a minute is a failure. */
export const maxSkewMillis = 60_000

/** Names that one user may have blocked at a time. */
export const maxBlocked = 1_000
/** Spans that are kept with one name. */
export const maxSpansOfName = 16
/** Spans of one user in all; past them, those that ended longest ago are forgotten, many at once because it costs. */
export const maxSpans = 4_000
const spansLeft = 3_000

type Span = Pick<BlockSpan, "since" | "until">

/** Something that a user with these blocks is or is not to know of. */
type Said = Pick<Entry, "at" | "sender">

/** Of one name, in the order of time. */
const isWithin = (spans: ReadonlyArray<Span>, at: number): boolean => {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (spans[middle]!.since <= at) low = middle + 1
    else high = middle
  }
  const span = spans[low - 1]
  return span !== undefined && (span.until === undefined || at < span.until)
}

/** Two neighbours become one; what was said in the pause between them is hidden from then on. */
const joined = <S extends Span>(first: S, second: S): S => ({ ...second, since: first.since })

/** The two with the shortest pause between them become one. */
const shortened = <S extends Span>(spans: ReadonlyArray<S>): ReadonlyArray<S> => {
  let shortest = 1
  const pause = (index: number) => spans[index]!.since - spans[index - 1]!.until!
  for (let i = 2; i < spans.length; i++) if (pause(i) < pause(shortest)) shortest = i
  return spans.toSpliced(shortest - 1, 2, joined(spans[shortest - 1]!, spans[shortest]!))
}

/**
 * The spans with one name, in the order of time, after a block begins (`begun`) or ends at `at`. One that is there
 * already goes on, and so does one that ended at this very moment or, by another server's clock, later; one in which no
 * time has passed is none. An end that is before the beginning was asked before it, and a store that is late did it after.
 */
export const begin = <S extends Span>(spans: ReadonlyArray<S>, begun: S): ReadonlyArray<S> => {
  const last = spans.at(-1)
  if (last === undefined) return [begun]
  if (last.until === undefined) return spans
  if (last.until >= begun.since) return [...spans.slice(0, -1), joined(last, begun)]
  return spans.length < maxSpansOfName ? [...spans, begun] : shortened([...spans, begun])
}

export const end = <S extends Span>(spans: ReadonlyArray<S>, at: number): ReadonlyArray<S> => {
  const last = spans.at(-1)
  if (last === undefined || last.until !== undefined) return spans
  if (at < last.since && last.since - at <= maxSkewMillis) return spans
  return at > last.since ? [...spans.slice(0, -1), { ...last, until: at }] : spans.slice(0, -1)
}

/** Which of all spans of a user are too many. */
export const surplus = <S extends BlockSpan>(spans: ReadonlyArray<S>): ReadonlyArray<S> =>
  spans.length <= maxSpans ? [] : spans
    .filter(({ until }) => until !== undefined)
    .sort((a, b) => a.until! - b.until! || (a.blocked < b.blocked ? -1 : a.blocked > b.blocked ? 1 : a.since - b.since))
    .slice(0, spans.length - spansLeft)

/** Whether all that is withheld by the one is withheld by the other. */
export const covers = (spans: ReadonlyArray<Span>, others: ReadonlyArray<Span>): boolean =>
  others.every(({ since, until = Infinity }) =>
    spans.some((span) => span.since <= since && (span.until ?? Infinity) >= until)
  )

/** All spans of one user, by name. */
export class Spans {
  #byName: Map<UserId, ReadonlyArray<BlockSpan>> | undefined
  #count = 0
  #blocked = 0

  /** As a store answers them: those of one name in the order of time. */
  constructor(spans: ReadonlyArray<BlockSpan> = []) {
    if (spans.length === 0) return
    const byName = new Map<UserId, Array<BlockSpan>>()
    for (const span of spans) {
      const known = byName.get(span.blocked)
      if (known === undefined) byName.set(span.blocked, [span])
      else known.push(span)
      if (span.until === undefined) this.#blocked++
    }
    this.#byName = byName
    this.#count = spans.length
  }

  /** How many names are blocked now. */
  get blocked(): number {
    return this.#blocked
  }

  of(name: UserId): ReadonlyArray<BlockSpan> {
    return this.#byName?.get(name) ?? []
  }

  /** Whether all that is withheld by those is withheld by these. */
  covers(others: Spans): boolean {
    return Array.from(others.#byName ?? []).every(([name, spans]) => covers(this.of(name), spans))
  }

  /** Those of one name are these from now on. */
  replace(name: UserId, spans: ReadonlyArray<BlockSpan>): void {
    const byName = this.#byName ??= new Map()
    const before = this.of(name)
    if (spans.length > 0) byName.set(name, spans)
    else byName.delete(name)
    this.#count += spans.length - before.length
    this.#blocked += Number(isBlocked(spans)) - Number(isBlocked(before))
    if (this.#count <= maxSpans) return
    for (const gone of surplus(Array.from(byName.values()).flat())) {
      this.replace(gone.blocked, this.of(gone.blocked).filter((span) => span !== gone))
    }
  }

  /** Whether the name is blocked now. */
  has(name: UserId): boolean {
    return this.#blocked > 0 && isBlocked(this.of(name))
  }

  /** Whether it was said while its sender was blocked. */
  withholds({ at, sender }: Said): boolean {
    if (this.#count === 0) return false
    const spans = this.#byName!.get(sender)
    return spans !== undefined && isWithin(spans, at)
  }

  /** Who is blocked now, sorted. */
  names(): ReadonlyArray<UserId> {
    if (this.#blocked === 0) return []
    return Array.from(this.#byName!).flatMap(([name, spans]) => isBlocked(spans) ? [name] : []).sort()
  }
}

const isBlocked = (spans: ReadonlyArray<BlockSpan>): boolean => spans.length > 0 && spans.at(-1)!.until === undefined

/** Whether something that was said by `sender` at that time is kept from whoever has these blocks. */
export const isWithheld = (blocks: ReadonlyArray<BlockSpan>, { at, sender }: Said): boolean =>
  blocks.some(({ blocked, since, until }) => blocked === sender && at >= since && (until === undefined || at < until))

/** Whether an entry of this conversation is kept from whoever has its sender blocked, as it is or as it was. */
export const crossesNoBlock = (kind: Entry["kind"], isGroup: boolean): boolean =>
  // What is taken out of a group is taken out for all, also for who has blocked the admin that did it.
  rulesOf(kind).block !== "shown" && !(kind === "delete" && isGroup)

/** An entry as somebody sees it who had its sender blocked at that time: a place in the log, and nothing in it. */
export const redact = (blocks: { readonly withholds: (said: Said) => boolean }, entry: Entry): Entry => {
  if (rulesOf(entry.kind).block !== "redacted") return entry
  const { at, message_id, sender, seq } = entry
  const edited = entry.kind === "text" && entry.edited_at !== undefined &&
    blocks.withholds({ sender, at: entry.edited_at })
  if (!edited && !blocks.withholds(entry)) return entry
  return { kind: "text", seq, message_id, sender, at, deleted: true, hidden: true }
}

/** Whom the blocks keep out now. */
export const blockedNow = (blocks: ReadonlyArray<BlockSpan>): ReadonlyArray<UserId> =>
  blocks.filter(({ until }) => until === undefined).map(({ blocked }) => blocked)

/** Only what the store's interface names. */
export const spanOf = ({ blocked, since, until }: BlockSpan): BlockSpan =>
  until === undefined ? { blocked, since } : { blocked, since, until }
