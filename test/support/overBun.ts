/**
 * Which files of tests are run on Bun. Where the server is in the test's own process, the test itself runs on Bun
 * (`npm run test:bun`); where it is a process of its own, that is Bun's and the test stays on Node
 * (`npm run test:bun-servers`). CI has a choice of both; `TEST_WHOLE=1` is every file that speaks to a server.
 */
import { globSync, readFileSync } from "node:fs"

/** They look at the memory or the sockets of their own process. */
const alone = ["promises/P6-slow-reader", "promises/P7-leaks", "promises/P7-vanishing-clients"]

const inProcess = [
  "promises/P4-leaving",
  "promises/P4-plain",
  "promises/P4-resume",
  "promises/P9-bad-input",
  "promises/P9-edge",
  "promises/P9-files",
  "promises/P9-hostile",
  "promises/P10-drain",
  "promises/P10-files",
  "autobahn/autobahn",
  "json/json",
  "fuzz/upgrade",
  "client/connect",
  "client/files",
  "services/{BasePath,Readiness}",
  // The first is long, and the server of the second is a process of its own.
  "services/http/!(AsyncApi|webhookEvents)",
  "services/telemetry/endings",
  // What a server of Node alone is made of.
  "services/transport/!(AcceptRate|FairReader)"
]

/** Two servers on one Postgres and one Redis, other people's clients, and a page that is told of everything. */
const processes = ["nodes/kill", "nodes/rights", "compatibility/clients", "web/basePath", "web/chat", "web/token"]

/** Over TLS on Bun; the others of it wait long for Bun's timers. */
const overTls = ["promises/P6-slow-reader", "promises/P7-leaks", "promises/P9-hostile"]

const isWhole = process.env["TEST_WHOLE"] === "1"

const inItself = /support\/TestServer\.ts/

/** What leads to `ServerProcess`. */
const besideIt = /\/(ServerProcess|clusterProcesses|clusterPeople|clusterChaos|chaosRun|house|stage|onStage|Tmux)\.ts"/

const says = (file: string, what: RegExp): boolean => what.test(readFileSync(file, "utf8"))

const all = globSync("test/**/*.test.ts")

const filesOf = (names: ReadonlyArray<string>) => names.map((name) => `test/${name}.test.ts`)

const quick = { pool: "threads" as const, execArgv: Array<string>() }

/** What a project is told over TLS: its files and their environment. */
interface OverTls {
  readonly include: ReadonlyArray<string>
  readonly env: Record<string, string>
}

/** For tests that run on Bun. */
export const projectsOnBun = ({ env, include }: OverTls) => [
  { extends: true as const, test: { name: "bun", include: filesOf(alone), ...quick } },
  {
    extends: true as const,
    test: {
      name: "bun-together",
      include: [...filesOf(inProcess), ...isWhole ? all.filter((file) => says(file, inItself)) : []],
      exclude: filesOf(alone),
      isolate: false,
      ...quick
    }
  },
  {
    extends: true as const,
    test: {
      name: "bun-tls",
      include: isWhole ? include.filter((file) => says(file, inItself)) : filesOf(overTls),
      env,
      ...quick
    }
  }
]

/** For tests on Node whose servers run on Bun. */
export const projectsBesideBun = ({ env, include }: OverTls) => {
  const isBeside = (file: string) => says(file, besideIt) && !says(file, inItself)
  return [
    {
      extends: true as const,
      test: { name: "bun-servers", include: isWhole ? all.filter(isBeside) : filesOf(processes) }
    },
    { extends: true as const, test: { name: "bun-servers-tls", include: include.filter(isBeside), env } }
  ]
}
