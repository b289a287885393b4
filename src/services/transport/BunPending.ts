/**
 * Sockets of a server of Bun that have not become WebSockets. Bun says nothing of who has not asked for anything, so the
 * system is asked who is there, which works on Linux; elsewhere there is no bound. Overflow policy: past the bound the
 * oldest is shut down, as on Node.
 */
import { Effect, type Scope } from "effect"
import { isOver } from "../../domain/Limit.ts"
import { plain } from "../kernel/addresses.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { Settings } from "../Settings.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { type Descriptors, descriptors, type SocketNames } from "./descriptors.ts"

/** How often it is looked who is there: so much longer may be there who is too many. */
const lookMillis = 500

/** After so many looks at how many there are comes one at who they are, also where their number says nothing. */
const looksPerCount = 20

const portFactor = 65_536

export interface Peer {
  readonly address: string
  readonly port: number
}

/** What a server listens at that is for every address of its machine. */
const everywhere = new Set(["0.0.0.0", "::"])

/** Of a socket: its other end. Numbers where that is of IPv4, since there is one for each connection. */
type Key = number | string

const numberOf = (address: string, port: number): number => {
  let number = 0
  for (const part of address.split(".")) number = number * 256 + Number(part)
  return number * portFactor + port
}

/** An address of IPv6 in the one way to write it that leaves nothing out. */
const wholeOf = (address: string): string => {
  const [front = [], back = []] = address.split("::").map((part) => part.split(":").filter((group) => group !== ""))
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => "0")
  return [...front, ...zeros, ...back].map((group) => group.replace(/^0+(?=.)/, "")).join(":")
}

const isV4 = (address: string) => !address.includes(":")

const keyOf = ({ address, port }: Peer): Key => {
  const bare = plain(address)
  return isV4(bare) ? numberOf(bare, port) : `${wholeOf(bare)} ${port}`
}

export class BunPending {
  readonly #max: number
  readonly #at: Key
  readonly #port: number
  readonly #isEverywhere: boolean
  readonly #descriptors: Descriptors
  readonly #closed: () => void
  readonly #others = new Map<Key, number>()
  /** Those that were pending at the last look, the oldest first. */
  #seen = new Map<Key, number>()
  /** Descriptors that were none of the others at the last look. */
  #unknown = 0
  #looks = 0

  /** `closed` hears of each that had to go. */
  constructor(max: number, at: Peer, descriptors: Descriptors, closed: () => void) {
    this.#max = max
    this.#at = keyOf(at)
    this.#port = at.port
    this.#isEverywhere = everywhere.has(at.address)
    this.#descriptors = descriptors
    this.#closed = closed
  }

  /** Who is a WebSocket, or at a file, is not pending. Answers what ends that. */
  settle(peer: Peer): () => void {
    const others = this.#others
    const key = keyOf(peer)
    others.set(key, (others.get(key) ?? 0) + 1)
    return () => {
      const left = others.get(key)! - 1
      if (left === 0) others.delete(key)
      else others.set(key, left)
    }
  }

  look(): void {
    if (!this.#mayBeMany()) return
    const seen = new Map<Key, number>()
    const came = new Map<Key, number>()
    this.#descriptors.each((fd, names) => {
      const key = this.#keyOf(names)
      if (key === undefined || this.#others.has(key)) return
      if (this.#seen.has(key)) seen.set(key, fd)
      else came.set(key, fd)
    })
    // In the order in which they were first seen.
    const pending = new Map<Key, number>()
    for (const key of this.#seen.keys()) {
      const fd = seen.get(key)
      if (fd !== undefined) pending.set(key, fd)
    }
    for (const [key, fd] of came) pending.set(key, fd)
    for (const [key, fd] of pending) {
      if (!isOver(this.#max, pending.size)) break
      pending.delete(key)
      this.#descriptors.shutDown(fd)
      this.#closed()
    }
    this.#seen = pending
  }

  /** None may stay, nor anybody else at this port. */
  shutDownAll(): void {
    this.#descriptors.each((fd, names) => {
      if (this.#keyOf(names) !== undefined) this.#descriptors.shutDown(fd)
    })
  }

  /** To look at each descriptor costs more than to count them. */
  #mayBeMany(): boolean {
    const unknown = this.#descriptors.count() - this.#others.size
    const few = this.#max / 2
    const may = this.#seen.size > few || Math.abs(unknown - this.#unknown) > few || this.#looks === looksPerCount
    this.#looks = may ? 0 : this.#looks + 1
    if (may) this.#unknown = unknown
    return may
  }

  #keyOf({ local, remote }: SocketNames): Key | undefined {
    if (local.port !== this.#port || !(this.#isEverywhere || keyOf(local) === this.#at)) return undefined
    const peer = remote()
    return peer === undefined ? undefined : keyOf(peer)
  }
}

/** Takes somebody out of those that are pending, until what comes back is called. */
export type Settle = (peer: Peer | null) => () => void

const nothing = () => {}
export const unbounded: Settle = () => nothing

/** Of a server that listens there, until the scope closes. */
export const make = Effect.fnUntraced(function*(at: Peer): Effect.fn.Return<Settle, never, Settings | Scope.Scope> {
  const { maxPendingConnections } = yield* Settings
  const known = yield* descriptors
  if (known === undefined) return unbounded
  const { refused } = yield* CurrentMeters
  const pending = new BunPending(maxPendingConnections, at, known, () => refused.add("none"))
  // Bun leaves those alone whose TLS handshake is not done.
  yield* Effect.addFinalizer(() => Effect.sync(() => pending.shutDownAll()))
  if (maxPendingConnections > 0) {
    yield* Effect.forkScoped(repeatForever("BunPending", Effect.sync(() => pending.look()), lookMillis))
  }
  return (peer) => peer === null ? nothing : pending.settle(peer)
})
