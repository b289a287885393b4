/** How clients come to servers, and what the network is like meanwhile. */
import type { Fiber } from "effect"
import type { ConnectRequest } from "../../../src/services/access/Authenticator.ts"
import type { Level } from "../../../src/services/session/Session.ts"
import type { Arrival } from "../../../src/services/transport/Gateway.ts"
import type { PromiseName } from "../violation.ts"
import type { Chance } from "./Chance.ts"
import { Line } from "./Line.ts"
import type { LineEnd } from "./LineOptions.ts"
import type { Machine } from "./Machine.ts"
import { OwnFaults } from "./OwnFaults.ts"
import type { SimNode } from "./SimNode.ts"
import type { World } from "./World.ts"

/** What a client gets to know of its attempt. */
export interface AttemptEnd extends LineEnd {
  /** No status: nobody was there. */
  readonly refused: (status: number | undefined, retryAfterMillis: number | undefined) => void
}

export interface AttemptOptions {
  readonly client: Machine
  readonly node: SimNode | undefined
  readonly user: string
  readonly device: string | undefined
  readonly level: Level
  /** Nothing comes through. */
  readonly isIsolated: () => boolean
  /** It reads nothing. */
  readonly isStalled: () => boolean
  readonly end: AttemptEnd
}

export interface Attempt {
  /** The client does not want it any more; the server may hear of it all the same, and later than of the next one. */
  readonly abandon: () => void
  /**
   * The same, and what has not come to the server never does: so a program that ends takes its attempts with it. Whoever
   * comes last is the newer one to a server, and the next program could not know that it is replaced by the former one.
   */
  readonly cancel: () => void
}

/** What is on its way to the socket beside what waits there (`SendQueue`). */
const flushBytes = 65_536

export interface NetworkOptions {
  readonly wrote: (user: string, text: string) => void
  readonly struck: (what: string) => void
  readonly violated: (promise: PromiseName, law: string, what: string) => void
}

const nothing: Attempt = { abandon: () => {}, cancel: () => {} }

export class Network {
  least = 0
  most = 0
  /** Of a thousand. */
  refused = 0
  readonly #world: World
  readonly #chance: Chance
  readonly #options: NetworkOptions
  /** Users whose line was ended for what came over it. */
  readonly #atFault = new Set<string>()
  /** Is told of each connection. */
  opened: (user: string, device: string | undefined, line: Line) => void = () => {}

  constructor(world: World, options: NetworkOptions) {
    this.#world = world
    this.#chance = world.chance.fork()
    this.#options = options
  }

  readonly latency = (): number => this.least === this.most ? this.least : this.#chance.between(this.least, this.most)

  connect(options: AttemptOptions): Attempt {
    const { client, end, isIsolated, node } = options
    const refuse = (status?: number, retryAfterMillis?: number) =>
      client.postAfter(this.latency(), () => end.refused(status, retryAfterMillis))
    if (isIsolated()) return nothing
    if (this.#chance.below(1_000) < this.refused) {
      this.#options.struck("attempt refused")
      refuse()
      return nothing
    }
    const attempt = {
      isAbandoned: false,
      isCancelled: false,
      line: undefined as Line | undefined,
      handshake: undefined as Fiber.Fiber<void> | undefined
    }
    const arrive = () => {
      if (attempt.isCancelled) return
      if (node === undefined || !node.isListening) return refuse()
      attempt.handshake = node.gateway.arrive(this.#arrival(options, node, attempt, refuse))
    }
    this.#world.after(this.latency(), () => {
      if (node === undefined || node.machine.isDead || node.context === undefined) refuse()
      else node.machine.post(arrive)
    })
    const abandon = () => {
      attempt.isAbandoned = true
      if (attempt.line !== undefined) return attempt.line.drop()
      // Its socket closes, and who asked there is not let in any more.
      if (!isIsolated()) node?.machine.postAfter(this.latency(), () => attempt.handshake?.interruptUnsafe())
    }
    return {
      abandon,
      cancel: () => {
        attempt.isCancelled = true
        abandon()
        if (attempt.line === undefined) node?.machine.post(() => attempt.handshake?.interruptUnsafe())
      }
    }
  }

  #arrival(
    options: AttemptOptions,
    node: SimNode,
    attempt: { line: Line | undefined; readonly isAbandoned: boolean },
    refuse: (status?: number, retryAfterMillis?: number) => void
  ): Arrival {
    const { client, device, end, isStalled, level, user } = options
    const { struck, violated, wrote } = this.#options
    const { maxInvalidFrames, maxOutboundBytes, maxTextBytes } = node.settings
    const asked: ConnectRequest = {
      headers: { "phone-number": user },
      query: new URLSearchParams(device === undefined ? {} : { device }),
      remoteAddress: "127.0.0.1",
      address: "127.0.0.1",
      local: true
    }
    let largest = 0
    const own = new OwnFaults({
      maxInvalidFrames,
      violated: (law, what) => violated("P9", law, `${user}: ${what}`)
    })
    return {
      asked,
      open: () => {
        const line = new Line({
          server: node.machine,
          client,
          textBytes: maxTextBytes,
          latency: this.latency,
          read: (decoded) => own.said(decoded),
          wrote: (text) => {
            own.told(text)
            wrote(user, text)
          },
          ended: (code) => {
            struck(`ended ${code}`)
            if (own.ended(code)) this.#atFault.add(user)
          },
          buffers: (bytes, last) => {
            // A pass over the store asks after each frame whether it goes on, so one more may be there.
            largest = Math.max(largest, last)
            if (bytes - last <= maxOutboundBytes + flushBytes + largest) return
            violated("P6", "what waits for a slow reader is bounded", `${bytes} for ${user}`)
          },
          end
        })
        attempt.line = line
        if (isStalled()) line.stall()
        node.lines.add(line)
        this.opened(user, device, line)
        if (attempt.isAbandoned) line.drop()
        return { connection: line, level, abandon: () => line.cut(true, false) }
      },
      refuse: ({ retryAfterSeconds, status }) => {
        if (status < 500 && !this.#atFault.has(user)) {
          violated("P9", "nobody is kept out for what others did", `${user}: ${status}`)
        }
        refuse(status, retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000)
      }
    }
  }
}
