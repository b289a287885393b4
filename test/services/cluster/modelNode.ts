/** A server of the model: the real `Positions` and `GroupView`, and around them what the server does between its reads. */
import { GroupView, type Hearers } from "../../../src/services/cluster/GroupView.ts"
import { Positions, type PositionsBounds } from "../../../src/services/cluster/Positions.ts"
import type { GroupState } from "../../../src/services/storage/GroupState.ts"
import type { Epoch, Position } from "../../../src/services/storage/Journal.ts"
import { type Session, Violation } from "./modelDevice.ts"
import {
  conversations,
  group,
  type Item,
  type ModelStore,
  type News,
  pairs,
  type Read,
  type Request
} from "./modelStore.ts"

/** What is planted, to see whether the model finds it. */
export type Variant =
  | "good"
  | "no after"
  | "dead epochs forgotten"
  | "audience by own changes only"
  | "gaps ignored"
  | "small epoch is old"
  | "unknown epoch is passed"
  | "version ignored"
  | "epoch reused after doubt"
  | "young epochs are over"
  | "sleeps long and goes on"
  | "commits into a forgotten epoch"
  | "overflow unheeded"
  | "any epoch is heard"

export interface Conditions {
  readonly variant: Variant
  readonly chance: () => number
  readonly bounds: Partial<PositionsBounds> | undefined
  readonly pageSize: number
  /** Whether anything that was on the bus may come again, at any time. */
  readonly replays: boolean
}

/** A commit, and when it was made. */
export interface Told {
  readonly at: number
  readonly news: News
}

/** An answer of the journal that is being worked through. */
interface Tail {
  readonly asked: number
  readonly begun: number
  readonly read: Read
  next: number
}

/** A group that is being read because an item waits for it. */
interface Load {
  readonly item: Item
  state: GroupState | undefined
}

export class ModelNode {
  readonly id: number
  readonly sessions = new Set<Session>()
  /** From other servers, not looked at yet. */
  inbox: Array<Told> = []
  /** Committed, not told. */
  outcomes: Array<Told> = []
  pausedUntil = 0
  erasuresSeen: number
  readonly bornAt: number
  readonly heardNotes = new Set<number>()
  #epoch: Epoch
  #offset = 0
  readonly #store: ModelStore
  readonly #conditions: Conditions
  #positions: Positions<Item, number>
  #delivered = new Map<string, number>()
  /** How far each log was when all that waited was let go: what was missing then may come in any order. */
  #letGo = new Map<string, number>()
  #view: GroupView | undefined
  /** The group as it was read for some other reason, a moment ago. */
  #refreshed: GroupState | undefined
  #load: Load | undefined
  #tails: Array<Tail> = []
  /** All epochs, as the journal said last. */
  #named: ReadonlySet<Epoch>
  /** When the journal was read to its end last. */
  #readAt: number
  /** Where the journal is, for a server that has missed too much. */
  #resync: { readonly known: ReadonlyMap<Epoch, number>; readonly at: number } | undefined
  #isLost = false

  constructor(id: number, store: ModelStore, conditions: Conditions) {
    this.id = id
    this.#store = store
    this.#conditions = conditions
    this.#epoch = store.open()
    this.erasuresSeen = store.erasures.length
    this.bornAt = this.#readAt = store.now
    this.#named = new Set(store.epochs.keys())
    this.#positions = this.#from(store.positions)
  }

  get epoch(): Epoch {
    return this.#epoch
  }

  get isIdle(): boolean {
    return this.#positions.size === 0 && this.#positions.wanted.size === 0 && this.#load === undefined
  }

  /**
   * Whether it was away for as long as the journal remembers, or finds that something was forgotten that it has not read;
   * nothing is delivered before that is right again.
   */
  get isAway(): boolean {
    if (this.#conditions.variant === "sleeps long and goes on") return this.#isLost
    return this.#isLost || this.#store.now - this.#readAt > this.#store.retention
  }

  // ---- what it writes

  /** `late` and `never` are commits of which there is no answer, and which happen later or not at all. */
  commit(requests: ReadonlyArray<Request>, note: number | undefined, fate: "known" | "unanswered" | "late" | "never") {
    const position: Position = { epoch: this.#epoch, offset: this.#offset + 1 }
    if (fate === "late") this.#store.inDoubt.push({ position, requests })
    const done = fate === "late" || fate === "never" ? undefined : this.#store.commit(position, requests, note)
    if (done === "gone") return this.#newEpoch()
    if (fate !== "known") {
      if (this.#conditions.variant !== "epoch reused after doubt") return this.#newEpoch()
      this.#offset++
      return
    }
    if (done === undefined) return
    this.#offset++
    this.outcomes.push({ at: this.#store.now, news: done })
  }

  #newEpoch(): void {
    const old = this.#store.epochs.get(this.#epoch)
    if (old !== undefined) old.ended = true
    this.#epoch = this.#store.open()
    this.#offset = 0
  }

  // ---- what it hears

  /** Tells one of its commits: returns what goes over the bus. */
  tell(): Told | undefined {
    const told = this.outcomes.shift()
    if (told !== undefined) this.#offer(told.news)
    return told
  }

  hear(index: number): void {
    const at = Math.min(index, this.inbox.length - 1)
    const told = this.inbox[at]
    if (told === undefined) return
    const { chance, replays, variant } = this.#conditions
    // Somebody who listens may say it again whenever they like.
    if (!replays || chance() < 0.8) this.inbox.splice(at, 1)
    const { epoch } = told.news
    // What was forgotten must not come back. Either no bus holds it for so long, or the journal is asked whether it is there.
    const isCurrent = replays
      ? variant === "any epoch is heard" || this.#named.has(epoch) || this.#positions.positions.has(epoch)
      : this.#store.now - told.at <= this.#store.retention
    if (isCurrent) this.#offer(told.news)
  }

  get wants(): boolean {
    return this.#positions.wanted.size > 0
  }

  beginTail(): void {
    if (this.#tails.length >= 2) return
    const { variant } = this.#conditions
    const asked = this.#positions.asking()
    const read = this.#store.since(
      this.#positions.positions,
      this.#conditions.pageSize * 2,
      (epoch) => epoch === this.#epoch || (variant === "dead epochs forgotten" && this.#isDead(epoch))
    )
    this.#tails.push({ asked, begun: this.#store.now, read, next: 0 })
  }

  #isDead(epoch: Epoch): boolean {
    const { ended, silentSince } = this.#store.epochs.get(epoch)!
    return ended || silentSince !== undefined
  }

  /** Works on with an answer of the journal, of which other things may come between. */
  stepTail(index: number): void {
    const tail = this.#tails[index % Math.max(1, this.#tails.length)]
    if (tail === undefined) return
    const { asked, begun, read } = tail
    if (tail.next === 0) {
      for (const [epoch, first] of read.first) {
        if (epoch !== this.#epoch && first > (this.#positions.positions.get(epoch) ?? 0) + 1) this.#isLost = true
      }
      if (this.#isLost) return
    }
    for (const news of read.news.slice(tail.next, tail.next + 2)) this.#offer(this.#asRead(news))
    tail.next += 2
    if (tail.next < read.news.length) return
    this.#tails = this.#tails.filter((other) => other !== tail)
    if (read.hasMore) return this.beginTail()
    this.#positions.alive(read.first.keys(), this.#conditions.variant === "young epochs are over" ? Infinity : asked)
    if (begun < this.#readAt) return
    this.#readAt = begun
    this.#named = new Set(read.first.keys())
  }

  /** What the journal says of a commit: not always the version, and no entries where nobody is here for them. */
  #asRead(news: News): News {
    const items = news.items.map((item): Item => {
      const { version: _, ...rest } = item
      if (!this.#concerns(item)) return { ...rest, entry: undefined }
      return this.#conditions.chance() < 0.2 ? rest : item
    })
    return { ...news, items }
  }

  #concerns({ conversation }: Item): boolean {
    const pair = pairs.get(conversation)
    if (pair === undefined) return this.sessions.size > 0
    for (const { device } of this.sessions) if (pair.includes(device.user)) return true
    return false
  }

  /** Everything that it knows is too old. */
  stepResync(): void {
    if (this.#resync === undefined) {
      this.#resync = { known: this.#store.positions, at: this.#store.now }
      return
    }
    const { at, known } = this.#resync
    this.#resync = undefined
    this.#positions = this.#from(known)
    this.#view = this.#refreshed = this.#load = undefined
    this.#tails = []
    // The journal has them.
    this.outcomes = []
    this.#isLost = false
    this.#readAt = at
    this.#named = new Set(known.keys())
    this.heardNotes.clear()
    for (const { at: said, note } of this.#store.notes) if (said <= at) this.heardNotes.add(note)
    if (!this.#store.epochs.has(this.#epoch)) this.#newEpoch()
    this.#readAgain()
  }

  stepErasures(): void {
    if (this.erasuresSeen === this.#store.erasures.length) return
    this.erasuresSeen = this.#store.erasures.length
    for (const session of this.sessions) if (this.#store.members.has(session.device.user)) session.readAgain()
  }

  #readAgain(): void {
    this.#letGo = new Map(conversations.map((conversation) => [conversation, this.#store.head(conversation)]))
    for (const session of this.sessions) session.readAgain()
  }

  #from(known: ReadonlyMap<Epoch, number>): Positions<Item, number> {
    return new Positions<Item, number>({
      known,
      deliver: (item) => this.#deliver(item),
      note: (note) => {
        if (this.heardNotes.has(note)) throw new Violation(`note twice: ${note}`)
        this.heardNotes.add(note)
      },
      overflowed: () => this.#conditions.variant === "overflow unheeded" || this.#readAgain(),
      ...(this.#conditions.bounds === undefined ? undefined : { bounds: this.#conditions.bounds })
    })
  }

  #offer(news: News): void {
    const { variant } = this.#conditions
    const { positions } = this.#positions
    if (variant === "gaps ignored") return this.#positions.offer({ ...news, prev: 0 })
    const strips = ({ after }: Item) =>
      after !== undefined && (
        variant === "no after" ||
        (variant === "unknown epoch is passed" && !positions.has(after.epoch)) ||
        (variant === "small epoch is old" && !positions.has(after.epoch) && after.epoch < Math.max(...positions.keys()))
      )
    const items = news.items.map((item) => {
      const { after: _, ...rest } = item
      return strips(item) ? rest : item
    })
    this.#positions.offer({ ...news, items })
  }

  // ---- whom it tells

  #deliver(item: Item): boolean {
    const { conversation, entry, seq } = item
    if (seq <= (this.#delivered.get(conversation) ?? 0) && seq > (this.#letGo.get(conversation) ?? 0)) {
      throw new Violation(`order: ${conversation} ${seq} on ${this.id}`)
    }
    this.#delivered.set(conversation, Math.max(seq, this.#delivered.get(conversation) ?? 0))
    if (entry === undefined) return true
    const pair = pairs.get(conversation)
    if (pair !== undefined) {
      for (const session of this.sessions) if (pair.includes(session.device.user)) session.push(item)
      return true
    }
    const hearers = this.#hearers(item)
    if (hearers !== undefined) {
      this.#push(item, hearers)
      return true
    }
    this.#load = { item, state: undefined }
    // A store may answer at once.
    if (this.#conditions.chance() < 0.1) {
      this.stepLoad()
      this.stepLoad()
    }
    return false
  }

  #hearers({ entry, version }: Item): Hearers | undefined {
    const view = this.#view
    if (view === undefined) return undefined
    const { variant } = this.#conditions
    if (variant === "version ignored") {
      return view.audience(entry!, view.version + (entry!.kind === "group" && entry!.seq > view.headSeq ? 1 : 0))
    }
    if (variant !== "audience by own changes only") return view.audience(entry!, version)
    const { at, message_id, sender, seq } = entry!
    return view.audience({ kind: "text", at, message_id, sender, seq }, view.version)
  }

  #push(item: Item, { removed, users }: Hearers): void {
    for (const session of this.sessions) {
      if (users.includes(session.device.user)) session.push(item)
      else if (removed?.includes(session.device.user) === true) session.pushRemoval(item.seq)
    }
  }

  /** The group is read, and later what was read is there. */
  stepLoad(): void {
    const load = this.#load
    if (load === undefined) return
    if (load.state === undefined) {
      load.state = this.#store.groupState()
      return
    }
    this.#view = new GroupView(load.state)
    this.#load = undefined
    const hearers = this.#view.audience(load.item.entry!, load.item.version)
    if (hearers === undefined) throw new Violation(`view: read for ${load.item.seq}, and does not know it`)
    this.#push(load.item, hearers)
    this.#positions.resume(group)
  }

  /** Somebody asks for the group, and what was read becomes the view, though it may be behind by then. */
  stepRefresh(): void {
    if (this.#refreshed === undefined) {
      this.#refreshed = this.#store.groupState()
      return
    }
    this.#view = new GroupView(this.#refreshed)
    this.#refreshed = undefined
  }

  forgetView(): void {
    this.#view = undefined
  }

  /** When all is over. */
  check(): void {
    if (!this.isIdle) throw new Violation(`waits for ever: ${this.#positions.size} on ${this.id}`)
    for (const { at, note } of this.#store.notes) {
      if (at > this.bornAt && !this.heardNotes.has(note)) throw new Violation(`note lost: ${note} on ${this.id}`)
    }
    for (const conversation of conversations) {
      const delivered = this.#delivered.get(conversation) ?? 0
      if (delivered > this.#store.head(conversation)) throw new Violation("delivered what is not there")
    }
  }
}
