/**
 * Who is where: this server tells the others who is here, and keeps what they tell. Nothing of it is stored. What is lost
 * on the way shows in the versions, and is asked for as a whole.
 */
import { Effect, Random } from "effect"
import type { DeviceId, UserId } from "../../domain/Ids.ts"
import type { Epoch, EpochState } from "../storage/Journal.ts"
import { Announcements } from "./Announcements.ts"
import type { Gone, NodeStatus } from "./Cluster.ts"
import { type PeerEvent, Peers } from "./Peers.ts"
import { type Attendance, maxPartUsers, type NodeId, Roster } from "./Roster.ts"
import type { All, Beat, Message, Present, Who } from "./Wire.ts"

/** A server is asked who is there once in this time at most. */
const askAgainMillis = 1_000
/** Many may ask at the same moment; one answer is enough for all. */
const answerWithinMillis = 500

/** Clocks that differ by more are told of. */
const skewMillis = 500

const usual: Gone = { silentMillis: 0, isNoted: true }

const presentOf = ({ connections, devices, user }: Attendance): Present =>
  // The keys are devices; `Object.entries` forgets it.
  devices === undefined
    ? [user, connections]
    : [user, connections, Object.entries(devices) as unknown as ReadonlyArray<readonly [DeviceId, number]>]

const attendanceOf = ([user, connections, devices]: Present): Attendance =>
  devices === undefined ? { user, connections } : { user, connections, devices: Object.fromEntries(devices) }

export interface VicinityOptions {
  readonly node: NodeId
  readonly now: () => number
  /** Milliseconds since the epoch. */
  readonly wallNow: () => number
  readonly publish: (message: Message) => void
  /** Something about this user has changed elsewhere. */
  readonly changed: (user: UserId, gone: Gone) => void
  readonly log: (event: PeerEvent) => void
  /** Another server is not there any more: it may have changed something in the store, and ended before it could say so. */
  readonly gone: () => void
  /** Gives a sign of life, out of turn. */
  readonly greet: () => void
}

export class Vicinity {
  readonly #options: VicinityOptions
  readonly peers: Peers
  readonly roster: Roster
  readonly #announcements = new Announcements()
  readonly #askedAt = new Map<NodeId, number>()
  /** Whose clock is off. */
  readonly #skewed = new Set<NodeId>()
  #isAsked = false
  #gone = usual
  isDraining = false

  constructor(options: VicinityOptions) {
    this.#options = options
    this.roster = new Roster({ changed: (user) => options.changed(user, this.#gone) })
    this.peers = new Peers(options.node, (event) => this.#happened(event))
  }

  /** How this user is here. */
  attend(user: UserId, attendance: Omit<Attendance, "user"> | undefined): void {
    this.#announcements.set(user, attendance === undefined ? undefined : { user, ...attendance })
  }

  /** A sign of life for the others, with how far this server has come. */
  beat({ epoch, offset }: { readonly epoch: Epoch | undefined; readonly offset: number }): Beat {
    return {
      _: "beat",
      node: this.#options.node,
      epoch: epoch ?? 0,
      offset: epoch === undefined ? 0 : offset,
      version: this.#announcements.version,
      users: this.#announcements.users,
      connections: this.#announcements.connections,
      draining: this.isDraining,
      at: this.#options.wallNow()
    }
  }

  /** Tells what has changed here. */
  tell(): void {
    const { node, publish } = this.#options
    for (let changes = this.#announcements.take(); changes !== undefined; changes = this.#announcements.take()) {
      const { from, off, on, to } = changes
      publish({ _: "who", node, from, to, on: on.map(presentOf), off })
    }
  }

  /** Tells all who are here, for whoever has asked by then. */
  readonly answer: Effect.Effect<void> = Effect.flatMap(
    Random.nextIntBetween(0, answerWithinMillis),
    (millis) =>
      Effect.andThen(
        Effect.sleep(millis),
        Effect.sync(() => {
          this.#isAsked = false
          const { node, publish } = this.#options
          for (const { on, part, parts, version } of this.#announcements.snapshot(maxPartUsers / 2)) {
            publish({ _: "all", node, version, part: part + 1, parts, on: on.map(presentOf) })
          }
        })
      )
  )

  /** Whether there is nothing to tell. */
  get isSettled(): boolean {
    return this.#announcements.isTold
  }

  /** Other servers that take clients. */
  get others(): number {
    let others = 0
    for (const { beat } of this.peers.all) if (beat?.draining !== true) others++
    return others
  }

  /** Asks everybody who is there. */
  askAll(): void {
    this.#options.publish({ _: "want", node: "*" })
  }

  /** Somebody asks who is on this node, or on all. Returns whether to `answer`: this server is meant, and does not yet. */
  wanted(node: NodeId): boolean {
    if (this.#isAsked || (node !== "*" && node !== this.#options.node)) return false
    this.#isAsked = true
    return true
  }

  heardBeat(beat: Beat): void {
    this.peers.heard(beat, this.#options.now())
    this.#lookAtClock(beat)
    if (this.peers.has(beat.node) && (this.roster.versionOf(beat.node) ?? 0) < beat.version) this.#ask(beat.node)
  }

  heardWho({ from, node, off, on, to }: Who): void {
    if (!this.peers.has(node)) return
    if (this.roster.apply(node, from, to, on.map(attendanceOf), off) === "gap") this.#ask(node)
  }

  heardAll({ node, on, part, parts, version }: All): void {
    if (this.peers.has(node)) this.roster.snapshot(node, version, part - 1, parts, on.map(attendanceOf))
  }

  stored(epochs: ReadonlyArray<EpochState>): void {
    this.peers.stored(epochs, this.#options.now())
  }

  left(node: NodeId): void {
    this.peers.left(node, this.#options.now())
  }

  get status(): ReadonlyArray<NodeStatus> {
    const now = this.#options.now()
    return Array.from(this.peers.all, ({ beat, heardAt, node }) => ({
      node,
      users: beat?.users ?? 0,
      connections: beat?.connections ?? 0,
      draining: beat?.draining ?? false,
      heardMillis: heardAt === undefined ? undefined : Math.round(now - heardAt)
    }))
  }

  /** Blocks begin and end by the clock of the server where they were made, so an operator wants to know. */
  #lookAtClock({ at, node }: Beat): void {
    if (at === undefined || !this.peers.has(node)) return
    const aheadMillis = at - this.#options.wallNow()
    const isSkewed = Math.abs(aheadMillis) > skewMillis
    if (isSkewed && !this.#skewed.has(node)) this.#options.log({ _tag: "Skewed", node, aheadMillis })
    if (isSkewed) this.#skewed.add(node)
    else this.#skewed.delete(node)
  }

  #ask(node: NodeId): void {
    const { now, publish } = this.#options
    const at = now()
    if (at - (this.#askedAt.get(node) ?? Number.NEGATIVE_INFINITY) < askAgainMillis) return
    this.#askedAt.set(node, at)
    publish({ _: "want", node })
  }

  #happened(event: PeerEvent): void {
    const { gone, log, node: self } = this.#options
    log(event)
    // Who has just come knows us at once, and need not wait for the next sign of life.
    if (event._tag === "Joined") return this.#options.greet()
    this.#askedAt.delete(event.node)
    this.#skewed.delete(event.node)
    if (event._tag === "Skewed") return
    if (event._tag !== "Unheard") gone()
    if (event._tag === "Left") return this.#drop(event.node, usual)
    // Of those who are left one writes down when the users of a lost server were here, and it need not be asked which.
    const isNoted = event._tag === "Unheard" || Array.from(this.peers.all).some(({ node }) => node < self)
    this.#drop(event.node, { silentMillis: event.silentMillis, isNoted })
  }

  #drop(node: NodeId, gone: Gone): void {
    for (const user of this.roster.drop(node)) this.#options.changed(user, gone)
  }
}
