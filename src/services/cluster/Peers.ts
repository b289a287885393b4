/**
 * Which other servers there are. A server is there for as long as it gives signs of life, over the bus or in the store;
 * only who is silent on both is lost, with all its users.
 */
import type { Epoch, EpochState } from "../storage/Journal.ts"
import type { NodeId } from "./Roster.ts"

/** Without a sign of life for so long, a server is lost. */
export const leaseMillis = 10_000
/** What is known of the users of a server that the bus does not reach is believed for so long. */
export const believedMillis = 60_000

/** What a server says of itself. */
export interface Beat {
  readonly node: NodeId
  readonly epoch: Epoch
  readonly users: number
  readonly connections: number
  readonly draining: boolean
}

export interface Peer {
  readonly node: NodeId
  /** The last sign of life, wherever it came from, and the last over the bus; by the monotonic clock. */
  aliveAt: number
  heardAt: number | undefined
  /** When it was first known. */
  readonly since: number
  beat: Beat | undefined
}

export type PeerEvent =
  | { readonly _tag: "Joined"; readonly node: NodeId }
  /** It has said so, or its epochs have ended. */
  | { readonly _tag: "Left"; readonly node: NodeId }
  /** It was last alive so long ago. */
  | { readonly _tag: "Lost"; readonly node: NodeId; readonly silentMillis: number }
  /** It is alive, but the bus has not carried anything of it for long. */
  | { readonly _tag: "Unheard"; readonly node: NodeId; readonly silentMillis: number }
  /** Its wall clock is ahead of the one here by so much, or behind. */
  | { readonly _tag: "Skewed"; readonly node: NodeId; readonly aheadMillis: number }

export class Peers {
  readonly #self: NodeId
  readonly #peers = new Map<NodeId, Peer>()
  readonly #happened: (event: PeerEvent) => void
  /** Those that have said goodbye: what comes of them late does not bring them back. */
  readonly #gone = new Map<NodeId, number>()
  readonly #unheard = new Set<NodeId>()

  constructor(self: NodeId, happened: (event: PeerEvent) => void) {
    this.#self = self
    this.#happened = happened
  }

  get all(): Iterable<Peer> {
    return this.#peers.values()
  }

  get size(): number {
    return this.#peers.size
  }

  has(node: NodeId): boolean {
    return this.#peers.has(node)
  }

  heard(beat: Beat, now: number): void {
    const peer = this.#alive(beat.node, now)
    if (peer === undefined) return
    peer.heardAt = now
    peer.beat = beat
    this.#unheard.delete(beat.node)
  }

  left(node: NodeId, now: number): void {
    this.#gone.set(node, now)
    if (!this.#peers.delete(node)) return
    this.#unheard.delete(node)
    this.#happened({ _tag: "Left", node })
  }

  /** All epochs, as the store has just said: whoever is silent there and on the bus is lost now. */
  stored(epochs: ReadonlyArray<EpochState>, now: number): void {
    const ended = new Map<NodeId, boolean>()
    for (const { ended: hasEnded, node, silentMillis } of epochs) {
      if (node === this.#self) continue
      ended.set(node, (ended.get(node) ?? true) && hasEnded)
      if (!hasEnded && silentMillis < leaseMillis) this.#alive(node, now - Math.max(0, silentMillis))
    }
    for (const [node, hasEnded] of ended) if (hasEnded && this.#peers.has(node)) this.left(node, now)
    for (const { aliveAt, heardAt, node, since } of this.#peers.values()) {
      if (now - aliveAt >= leaseMillis) {
        this.#peers.delete(node)
        this.#unheard.delete(node)
        this.#happened({ _tag: "Lost", node, silentMillis: now - aliveAt })
      } else if (now - (heardAt ?? since) >= believedMillis && !this.#unheard.has(node)) {
        this.#unheard.add(node)
        this.#happened({ _tag: "Unheard", node, silentMillis: now - (heardAt ?? since) })
      }
    }
    for (const [node, at] of this.#gone) if (now - at > believedMillis) this.#gone.delete(node)
  }

  #alive(node: NodeId, at: number): Peer | undefined {
    if (node === this.#self || this.#gone.has(node)) return undefined
    let peer = this.#peers.get(node)
    if (peer === undefined) {
      peer = { node, aliveAt: at, heardAt: undefined, since: at, beat: undefined }
      this.#peers.set(node, peer)
      this.#happened({ _tag: "Joined", node })
    }
    peer.aliveAt = Math.max(peer.aliveAt, at)
    return peer
  }
}
