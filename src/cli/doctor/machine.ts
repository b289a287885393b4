/** The machine that a server would run on. */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { totalmem } from "node:os"
import { bytes, type Check, failed, ok, type Verdict, warning } from "./Check.ts"

/** Files that a server has open beside its connections: store, libraries, lines to other servers. */
const otherFiles = 100

/** A limit under which hardly anybody could come. */
const fewConnections = 100

/** `connections` is what is expected; `limit` is `undefined` where the system does not say. */
export const openFilesVerdict = (limit: number | undefined, connections: number): Verdict => {
  const check = "open files"
  if (limit === undefined) return ok(check, "This system does not say how many files may be open.")
  const room = Math.max(0, limit - otherFiles)
  if (room >= connections) return ok(check, `${limit} may be open, room for ${connections} connections.`)
  const message = `${limit} may be open, room for about ${room} of ${connections} connections; raise LimitNOFILE= ` +
    `of systemd, --ulimit nofile= of Docker or "ulimit -n" to ${connections + otherFiles} or more.`
  return room < fewConnections ? failed(check, message) : warning(check, message)
}

/** `Max open files            1024                 524288               files`: the first number is in force. */
export const softLimitOf = (limits: string): number | undefined => {
  const said = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1]
  return said === undefined ? undefined : said === "unlimited" ? Number.POSITIVE_INFINITY : Number(said)
}

export interface Memory {
  /** What this process may have: the container's limit, or the machine's memory. */
  readonly limit: number
  readonly isContainer: boolean
  readonly available: number
}

/** Of a server without connections. */
const baseBytes = 200 * 1_048_576

/** Of an idle connection, with room for what is under way (docs/operations.md, sizing). */
const bytesPerConnection = 30_000

export const memoryVerdict = ({ available, isContainer, limit }: Memory, connections: number): Verdict => {
  const check = "memory"
  const needed = baseBytes + connections * bytesPerConnection
  const whose = isContainer ? "The container may have" : "The machine has"
  const has = `${whose} ${bytes(limit)}, of which ${bytes(available)} are free`
  if (limit < baseBytes) {
    return failed(check, `${has}; a server needs ${bytes(baseBytes)} before anybody comes: give it more.`)
  }
  if (limit < needed) {
    return warning(check, `${has}; ${connections} connections need about ${bytes(needed)}: give it more.`)
  }
  return available < baseBytes / 2
    ? warning(check, `${has}; the system may end the server for want of it: stop something, or give it more.`)
    : ok(check, `${has}; ${connections} connections need about ${bytes(needed)}.`)
}

/** As package.json says it. */
const neededNode = { major: 22, minor: 19 }

/** What runs this: Bun says of itself which Node it is like. */
export const nodeVerdict = (version: string, bun?: string): Verdict => {
  const check = "node"
  if (bun !== undefined) return ok(check, `Bun ${bun}, which is like Node ${version}.`)
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const isOld = major < neededNode.major || (major === neededNode.major && minor < neededNode.minor)
  return isOld
    ? failed(check, `Node ${version} is older than ${neededNode.major}.${neededNode.minor}; install a newer one.`)
    : ok(check, `Node ${version}.`)
}

/** Where there is no limit, Node says a number that no machine has. */
export const memoryOf = (constrained: number, total: number, available: number): Memory => {
  const isContainer = constrained > 0 && constrained < total
  return { limit: isContainer ? constrained : total, isContainer, available }
}

const look = <A>(f: () => A): Effect.Effect<A | undefined> =>
  Effect.orElseSucceed(Effect.try({ try: f, catch: () => "unknown" as const }), () => undefined)

export const machineChecks = (connections: number): ReadonlyArray<Check> => [
  { name: "node", run: Effect.sync(() => [nodeVerdict(process.versions.node, process.versions["bun"])]) },
  {
    name: "open files",
    run: Effect.map(
      // Node raises the number to the highest that it may, for itself and so for a server.
      look(() => softLimitOf(readFileSync("/proc/self/limits", "utf8"))),
      (limit) => [openFilesVerdict(limit, connections)]
    )
  },
  {
    name: "memory",
    run: Effect.sync(() => [
      memoryVerdict(memoryOf(process.constrainedMemory(), totalmem(), process.availableMemory()), connections)
    ])
  }
]
