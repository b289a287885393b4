/** Pairs of typed clients behind a load balancer that talk to each other, and what of it arrived, when and how often. */
import { Effect } from "effect"
import { connectWith, type SimpleClient } from "../../src/client/connect.ts"
import { nodeTransport } from "../../src/client/node.ts"
import type { TransportService } from "../../src/client/Transport.ts"
import { quantile } from "../cases/case.ts"
import { sleep } from "../proc.ts"

const padding = "x".repeat(80)

/** When its connections could not be used any more, and when the next could. */
interface Times {
  readonly lost: Array<number>
  readonly ready: Array<number>
}

interface Said {
  readonly sender: number
  readonly recipient: number
  readonly sentAt: number
  acceptedAt: number | undefined
  heardAt: number | undefined
  heard: number
}

export interface Account {
  readonly [figure: string]: number
  readonly sent: number
  readonly lost: number
  readonly doubled: number
  /** Refused for good, as the client sees it. */
  readonly failed: number
  /** The longest time of a client without a connection. */
  readonly pause: number
  /** Send to heard. */
  readonly p99: number
  /** The same at most, of what went between two who kept their connections. */
  readonly lag: number
}

/** The node's transport, which notes when a connection ends, whoever ends it. */
const watched = (times: Times): TransportService => ({
  open: (request) =>
    Effect.tap(
      nodeTransport.open(request),
      Effect.addFinalizer(() => Effect.sync(() => void times.lost.push(performance.now())))
    )
})

export class Talkers {
  readonly #clients: Array<SimpleClient> = []
  readonly #times: Array<Times> = []
  readonly #said = new Map<string, Said>()
  #failed = 0

  /** An even number of them. */
  constructor(port: number, count: number) {
    for (let i = 0; i < count; i++) {
      const times: Times = { lost: [], ready: [] }
      const client = connectWith({
        url: `ws://127.0.0.1:${port}/ws`,
        credentials: { _tag: "PhoneNumber", user: `u${i}` },
        device: "bench"
      }, watched(times))
      client.onState(({ _tag }) => {
        if (_tag === "Ready") times.ready.push(performance.now())
      })
      client.onEvent((event) => {
        if (event.type !== "incoming_message") return
        const said = this.#said.get(event.text.slice(0, event.text.indexOf(" ")))
        if (said === undefined || said.recipient !== i) return
        said.heardAt ??= performance.now()
        said.heard++
      })
      this.#times.push(times)
      this.#clients.push(client)
    }
  }

  async ready(): Promise<void> {
    while (this.#clients.some(({ state }) => state._tag !== "Ready")) await sleep(50)
  }

  say(i: number): void {
    const count = this.#clients.length
    const sender = i % count
    const recipient = (sender + count / 2) % count
    const said: Said = {
      sender,
      recipient,
      sentAt: performance.now(),
      acceptedAt: undefined,
      heardAt: undefined,
      heard: 0
    }
    const name = `m${i}`
    this.#said.set(name, said)
    this.#clients[sender]!.send({ recipient: `u${recipient}` }, `${name} ${padding}`).then(
      () => {
        said.acceptedAt = performance.now()
      },
      () => {
        this.#failed++
      }
    )
  }

  /** Until all was heard, or nobody believes it any more. */
  async settle(): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if (Array.from(this.#said.values()).every(({ acceptedAt, heard }) => acceptedAt !== undefined && heard > 0)) break
      await sleep(50)
    }
    // What is doubled comes late.
    await sleep(1_000)
  }

  /** Send to heard, of all that was heard. */
  get waits(): ReadonlyArray<
    { readonly sentAt: number; readonly accepted: number | undefined; readonly wait: number }
  > {
    return Array.from(this.#said.values()).flatMap(({ acceptedAt, heardAt, sentAt }) =>
      heardAt === undefined
        ? []
        : [{ sentAt, accepted: acceptedAt === undefined ? undefined : acceptedAt - sentAt, wait: heardAt - sentAt }]
    )
  }

  account(): Account {
    const all = Array.from(this.#said.values())
    const kept = all.flatMap(({ acceptedAt, heardAt, recipient, sender, sentAt }) =>
      acceptedAt === undefined || heardAt === undefined || this.#wasAway(sender, sentAt, acceptedAt) ||
        this.#wasAway(recipient, sentAt, heardAt)
        ? []
        : [heardAt - sentAt]
    )
    return {
      sent: all.length,
      lost: all.filter(({ heard }) => heard === 0).length,
      doubled: all.filter(({ heard }) => heard > 1).length,
      failed: this.#failed,
      pause: Math.max(0, ...this.#times.flatMap(pausesOf)),
      p99: quantile(this.waits.map(({ wait }) => wait).sort((a, b) => a - b), 0.99),
      lag: kept.reduce((most, each) => Math.max(most, each), 0)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
  }

  /** Whether this client had no connection at some time between. */
  #wasAway(client: number, from: number, to: number): boolean {
    const { lost, ready } = this.#times[client]!
    return lost.some((at) => at <= to && (ready.find((again) => again > at) ?? Number.POSITIVE_INFINITY) >= from)
  }
}

const pausesOf = ({ lost, ready }: Times): ReadonlyArray<number> => {
  const last = lost.at(-1)
  return lost.flatMap((at, i) => {
    const before = lost[i - 1]
    const again = ready.find((each) => each > at)
    // An attempt that failed is within the pause that began before it.
    if (before !== undefined && !ready.some((each) => each > before && each < at)) return []
    return [again === undefined ? (at === last ? performance.now() : Number.NaN) - at : again - at]
  }).filter((pause) => !Number.isNaN(pause))
}
