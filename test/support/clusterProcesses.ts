/** Several servers as processes on one Postgres, each of which may be killed, stopped, cut off and started again. */
import { Effect, Exit, Redacted, Schedule, Schema, Scope } from "effect"
import { linksOf } from "./clusterLinks.ts"
import { eventually } from "./eventually.ts"
import { freshDatabase } from "./postgres.ts"
import { type RedisServer, startRedis } from "./redisServer.ts"
import { type ServerProcess, startServer } from "./ServerProcess.ts"
import { tcpProxy } from "./tcpProxy.ts"

export const adminToken = "the token of these tests"

const Ready = Schema.Struct({
  status: Schema.String,
  reason: Schema.optionalKey(Schema.String),
  node: Schema.optionalKey(Schema.String),
  bus: Schema.optionalKey(Schema.Struct({ kind: Schema.String, status: Schema.String })),
  nodes: Schema.optionalKey(Schema.Array(Schema.Struct({ node: Schema.String, status: Schema.String })))
})

export type Ready = typeof Ready.Type

/** What takes long otherwise: a drain, and to find out that a line is dead. */
const settings = ["--reconnect-spread-ms=1000", "--heartbeat-ms=5000"].concat(
  ["--log-format=json", "--no-web"],
  `--admin-token=${adminToken}`
)

export interface ClusterOptions {
  readonly nodes?: number
  /** A Redis that others have, too, may be given. */
  readonly bus: "redis" | "postgres" | RedisServer
  readonly args?: ReadonlyArray<string>
}

type Links = Effect.Success<ReturnType<typeof linksOf>>

/** One place for a server; who runs there changes with each start. */
class NodePlace {
  readonly name: string
  readonly links: Links
  readonly #args: ReadonlyArray<string>
  #scope: Scope.Closeable | undefined
  #server: ServerProcess | undefined
  #past = ""
  /** Whether a load balancer would send new clients here. */
  isTaking = false

  constructor(name: string, links: Links, args: ReadonlyArray<string>) {
    this.name = name
    this.links = links
    this.#args = args
  }

  get isRunning(): boolean {
    return this.#server !== undefined
  }

  get server(): ServerProcess {
    if (this.#server === undefined) throw new Error(`${this.name} does not run`)
    return this.#server
  }

  get port(): number {
    return this.server.port
  }

  /** Everything that its runs have logged. */
  get log(): string {
    return this.#past + (this.#server === undefined ? "" : this.#server.output() + this.#server.errors())
  }

  /** How often this was logged. */
  count(message: string): number {
    return this.log.split(`"message":"${message}"`).length + this.log.split(`"message":["${message}"]`).length - 2
  }

  readonly start = Effect.gen({ self: this }, function*() {
    const scope = yield* Scope.make()
    this.#scope = scope
    this.#server = yield* startServer([...this.#args, ...this.links.args]).pipe(Scope.provide(scope))
    this.isTaking = true
  }).pipe(Effect.onError(() => this.end))

  /** Again and again, as a process manager does: without its database a server does not start. */
  readonly restart = Effect.suspend(() => this.start).pipe(
    Effect.exit,
    Effect.repeat({ schedule: Schedule.spaced("200 millis"), until: Exit.isSuccess })
  )

  /** What is still running is killed. */
  readonly end = Effect.suspend(() => {
    this.isTaking = false
    const scope = this.#scope
    if (this.#server !== undefined) this.#past = this.log
    this.#scope = undefined
    this.#server = undefined
    return scope === undefined ? Effect.void : Scope.close(scope, Exit.void)
  })

  /** As with `kill -9`; what it has printed by then is read first. */
  readonly kill = Effect.gen({ self: this }, function*() {
    this.isTaking = false
    this.server.kill("SIGKILL")
    yield* this.server.exited
    yield* this.end
  })

  /** As one that is to be stopped for an update: the others take its clients. Its exit code. */
  readonly drain = Effect.gen({ self: this }, function*() {
    this.isTaking = false
    this.server.kill("SIGTERM")
    const code = yield* this.server.exited
    yield* this.end
    return code
  })

  readonly pause = Effect.sync(() => {
    this.isTaking = false
    this.server.kill("SIGSTOP")
  })

  readonly resume = Effect.sync(() => {
    this.isTaking = true
    this.server.kill("SIGCONT")
  })

  readonly ready = Effect.gen({ self: this }, function*() {
    const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${this.port}/health/ready`))
    const body = yield* Effect.promise(() => response.json())
    return { code: response.status, ...(yield* Effect.orDie(Schema.decodeUnknownEffect(Ready)(body))) }
  })

  readonly id = Effect.map(this.ready, ({ node }) => node!)

  /** Waits for its next or an earlier word on this. */
  logs(message: string, times = 1) {
    return eventually(Effect.sync(() => this.count(message) >= times))
  }

  readonly admin = Effect.fnUntraced({ self: this }, function*(path: string, body?: object) {
    return yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${this.port}/v1/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${adminToken}` },
        ...(body === undefined ? undefined : { body: JSON.stringify(body) })
      }).then((response) => response.json() as Promise<any>)
    )
  })
}

export type { NodePlace }

/** Each knows all the others, and hears them. */
const isComplete = (nodes: ReadonlyArray<NodePlace>) =>
  Effect.map(
    Effect.forEach(nodes, ({ ready }) => ready),
    (all) =>
      all.every(({ bus, nodes: others = [], status }) =>
        status === "ready" && bus?.status === "up" && others.length === nodes.length - 1 &&
        others.every(({ node, status }) => status === "up" && all.some((each) => each.node === node))
      )
  )

let databases = 0

export const startCluster = Effect.fnUntraced(function*({ args = [], bus, nodes: count = 3 }: ClusterOptions) {
  const database = Redacted.make(yield* freshDatabase(`nodes_${process.pid}_${databases++}`))
  const redis = bus === "redis" ? yield* startRedis : bus === "postgres" ? undefined : bus
  const nodes: Array<NodePlace> = []
  for (const name of ["a", "b", "c", "d"].slice(0, count)) {
    const node = new NodePlace(name, yield* linksOf(database, redis?.port), [
      ...settings,
      ...args
    ])
    yield* Effect.addFinalizer(() => node.end)
    nodes.push(node)
  }
  // The first makes the tables.
  yield* nodes[0]!.start
  yield* Effect.forEach(nodes.slice(1), (node) => node.start, { concurrency: "unbounded" })
  const running = () => nodes.filter(({ isRunning }) => isRunning)
  const complete = eventually(Effect.suspend(() => isComplete(running())))
  yield* complete
  let turn = 0
  return {
    database,
    redis: redis!,
    nodes: nodes as [NodePlace, NodePlace, NodePlace],
    running,
    /** Waits until all that run are ready and know each other. */
    complete,
    /** Each in its turn. */
    next: () => {
      const taking = nodes.filter(({ isTaking }) => isTaking)
      return taking[turn++ % taking.length]
    }
  }
})

export type ClusterProcesses = Effect.Success<ReturnType<typeof startCluster>>

/** A person's way to the servers: to the next that takes clients, unless it is to be a certain one. */
export const doorOf = Effect.fnUntraced(function*({ next }: Pick<ClusterProcesses, "next">, first?: NodePlace) {
  let pinned = first
  const proxy = yield* tcpProxy(() => ({
    host: "127.0.0.1",
    // Nobody listens on port 1.
    port: (pinned?.isTaking === true ? pinned : next())?.port ?? 1
  }))
  return {
    ...proxy,
    url: `ws://127.0.0.1:${proxy.port}/ws`,
    /** From the next line on. */
    pin: (node: NodePlace | undefined) => {
      pinned = node
    }
  }
})

export type Door = Effect.Success<ReturnType<typeof doorOf>>
