/** The servers under test: child processes on loopback, on core 0 where nothing else is said. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { before, beforeDirectory } from "./before.ts"
import { Child, freePort } from "./child.ts"
import { type Database, databaseBytes, databaseMillis, freshDatabase, redisUrl } from "./database.ts"
import { configureEjabberd, ejabberdArgv } from "./ejabberd.ts"
import { entry, source } from "./entry.ts"
import { goDesign } from "./goDesign.ts"
import { sleep } from "./proc.ts"

export { hasTaskset } from "./child.ts"

/** How a client of this server talks. */
export type Dialect = "plain" | "v1" | "socket.io" | "xmpp"

interface Place {
  /** Switchboard's. */
  readonly entry: () => string
  readonly port: number
  readonly directory: string
  readonly database: Database | undefined
}

interface Recipe {
  readonly dialect: Dialect
  readonly argv: (place: Place) => ReadonlyArray<string>
  /** The core of each process; one process on core 0 by default. */
  readonly cores?: ReadonlyArray<string | undefined>
  /** Percent of a core that each process may use. */
  readonly share?: number
  readonly hasDatabase?: true
  readonly engine?: "bun" | "none"
  /** Writes what it reads when it starts. */
  readonly configure?: (place: Place) => void
}

/** Frames are counted as always, against limits that no run reaches. */
const counted = ["--max-messages-per-second", "--max-messages-per-second-per-user"].flatMap((flag) => [flag, "1000000"])

const serve = ({ entry, port }: Place, ...store: ReadonlyArray<string>) => [
  entry(),
  "serve",
  "--port",
  String(port),
  "--log-format",
  "json",
  ...counted,
  "--store",
  ...store
]

const sqlite = (place: Place) => serve(place, "sqlite", "--data", join(place.directory, "chat.db"))
const memory = (place: Place) => serve(place, "memory")
const postgres = (place: Place) => serve(place, "postgres", "--database-url", place.database!.url)
const postgresAndRedis = (place: Place) => [...postgres(place), "--redis-url", redisUrl]
const socketIoRedis = ({ directory, port }: Place) => [
  "bench/peers/socket-io-redis.ts",
  String(port),
  redisUrl,
  // Two runs must not hear each other.
  directory
]

const soaked = ["--import", "./bench/soak/inside-hook.ts"]

const two = ["0", "0"]
const three = ["0", "0", "0"]
const apart = ["0", "1"]

const recipes = {
  "bare ws": { dialect: "plain", argv: ({ port }) => ["bench/peers/bare-ws.ts", String(port)] },
  "Socket.IO": { dialect: "socket.io", argv: ({ port }) => ["bench/peers/socket-io.ts", String(port)] },
  "ws + SQLite": {
    dialect: "plain",
    argv: ({ directory, port }) => ["bench/peers/ws-sqlite.ts", String(port), join(directory, "peer.db")]
  },
  "plain http": {
    dialect: "plain",
    argv: ({ directory, port }) => ["bench/peers/http-files.ts", String(port), directory]
  },
  "plain http with fsync": {
    dialect: "plain",
    argv: ({ directory, port }) => ["bench/peers/http-files.ts", String(port), directory, "fsync"]
  },
  "bare Bun.serve": {
    dialect: "plain",
    argv: ({ port }) => ["bench/peers/bare-bun.ts", String(port)],
    engine: "bun"
  },
  "original Go design": { dialect: "plain", argv: ({ port }) => [goDesign(), String(port)], engine: "none" },
  "ejabberd": { dialect: "xmpp", argv: ejabberdArgv, engine: "none", configure: configureEjabberd(false) },
  "ejabberd with its archive": {
    dialect: "xmpp",
    argv: ejabberdArgv,
    engine: "none",
    configure: configureEjabberd(true)
  },
  "Switchboard on Bun": { dialect: "plain", argv: memory, engine: "bun" },
  "Switchboard SQLite on Bun": { dialect: "plain", argv: sqlite, engine: "bun" },
  "Switchboard": { dialect: "plain", argv: memory },
  "Switchboard v1": { dialect: "v1", argv: memory },
  [before]: {
    dialect: "plain",
    argv: (place) => memory({ ...place, entry: () => `${beforeDirectory}/bin/switchboard.js` })
  },
  "Switchboard SQLite v1": { dialect: "v1", argv: sqlite },
  "Switchboard SQLite": { dialect: "plain", argv: sqlite },
  "Switchboard SQLite without search": {
    dialect: "plain",
    argv: (place) => ["--import", "./bench/peers/no-search-hook.ts", ...sqlite(place)]
  },
  "Switchboard Postgres": { dialect: "plain", argv: postgres, hasDatabase: true },
  "Switchboard Postgres without a cluster": {
    dialect: "plain",
    argv: (place) => ["--import", "./bench/peers/no-cluster-hook.ts", ...postgres(place)],
    hasDatabase: true
  },
  "Switchboard Postgres without search": {
    dialect: "plain",
    argv: (place) => ["--import", "./bench/peers/no-search-hook.ts", ...postgres(place)],
    hasDatabase: true
  },
  "2 nodes over Redis": { dialect: "plain", argv: postgresAndRedis, cores: two, hasDatabase: true },
  "2 nodes over Postgres": { dialect: "plain", argv: postgres, cores: two, hasDatabase: true },
  "2 nodes for a soak": {
    dialect: "v1",
    argv: (place) => [...soaked, ...postgresAndRedis(place), "--files", join(place.directory, "files")],
    cores: [undefined, undefined],
    hasDatabase: true
  },
  "1 node for a soak": {
    dialect: "v1",
    argv: (place) => [...soaked, ...sqlite(place), "--files", join(place.directory, "files")],
    cores: [undefined]
  },
  "2 × Socket.IO over Redis (not durable)": { dialect: "socket.io", argv: socketIoRedis, cores: two },
  "2 nodes on 2 cores over Redis": { dialect: "plain", argv: postgresAndRedis, cores: apart, hasDatabase: true },
  "2 nodes on 2 cores over Postgres": { dialect: "plain", argv: postgres, cores: apart, hasDatabase: true },
  "1 node with 25 % of a core": {
    dialect: "plain",
    argv: postgres,
    cores: [undefined],
    share: 25,
    hasDatabase: true
  },
  "2 nodes with 25 % each over Redis": {
    dialect: "plain",
    argv: postgresAndRedis,
    cores: [undefined, undefined],
    share: 25,
    hasDatabase: true
  },
  "2 nodes with 25 % each over Postgres": {
    dialect: "plain",
    argv: postgres,
    cores: [undefined, undefined],
    share: 25,
    hasDatabase: true
  },
  "3 nodes over Redis": { dialect: "v1", argv: postgresAndRedis, cores: three, hasDatabase: true },
  "3 nodes over Postgres": { dialect: "v1", argv: postgres, cores: three, hasDatabase: true }
} as const satisfies Record<string, Recipe>

export type ServerName = keyof typeof recipes

export interface RunningServer {
  readonly name: ServerName
  readonly dialect: Dialect
  /** Of the first process. */
  readonly port: number
  readonly pid: number
  /** All of them. */
  readonly nodes: ReadonlyArray<Child>
  /** CPU time so far of what serves its database, in milliseconds. */
  readonly databaseMillis: () => number
  /** What it has on the disk, in its directory and its database. */
  readonly diskBytes: () => Promise<number>
  readonly stop: () => Promise<void>
}

const bytesIn = (directory: string): number =>
  readdirSync(directory, { recursive: true, encoding: "utf8" }).reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0
  )

/** A flag that the caller gives, or its value. */
const isGiven = (arg: string, previous: string | undefined, flags: ReadonlyArray<string>): boolean =>
  (arg.startsWith("--") && flags.includes(arg)) ||
  (previous !== undefined && previous.startsWith("--") && flags.includes(previous))

/** Whether every node knows all others. */
const knowEachOther = async (nodes: ReadonlyArray<Child>): Promise<boolean> => {
  const known = await Promise.all(
    nodes.map(async ({ port }) => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).then((response) => response.json())
      return (answer as { nodes?: ReadonlyArray<unknown> }).nodes?.length ?? 0
    })
  )
  return known.every((count) => count === nodes.length - 1)
}

interface StartOptions {
  /** For Switchboard; they win. */
  readonly flags?: ReadonlyArray<string>
  /** For Node or Bun. */
  readonly runtime?: ReadonlyArray<string>
  /** Switchboard's source in place of what is installed. */
  readonly fromSource?: boolean | undefined
}

export const start = async (
  name: ServerName,
  { flags = [], fromSource = false, runtime = [] }: StartOptions = {}
): Promise<RunningServer> => {
  const recipe: Recipe = recipes[name]
  const directory = mkdtempSync(join(tmpdir(), "switchboard-bench-"))
  const database = recipe.hasDatabase === true ? await freshDatabase() : undefined
  const place = { entry: fromSource ? () => source : entry, directory, database }
  const nodes: Array<Child> = []
  for (const core of recipe.cores ?? ["0"]) {
    const port = await freePort()
    const at = { ...place, port }
    recipe.configure?.(at)
    const own = recipe.argv(at).filter((arg, i, all) => !isGiven(arg, all[i - 1], flags))
    const share = recipe.share === undefined ? {} : { share: recipe.share }
    const node = new Child({ argv: [...runtime, ...own, ...flags], port, core, engine: recipe.engine, ...share })
    // One after the other: the first makes the tables.
    await node.start()
    nodes.push(node)
  }
  if (nodes.length > 1 && recipe.hasDatabase === true) {
    for (let i = 0; i < 200 && !(await knowEachOther(nodes)); i++) await sleep(50)
  }
  const [first] = nodes
  return {
    name,
    dialect: recipe.dialect,
    port: first!.port,
    get pid() {
      return first!.pid
    },
    nodes,
    databaseMillis: () => database === undefined ? 0 : databaseMillis(database.name),
    diskBytes: async () => bytesIn(directory) + (database === undefined ? 0 : await databaseBytes(database)),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.dispose()))
      rmSync(directory, { recursive: true, force: true })
      await database?.drop()
    }
  }
}
