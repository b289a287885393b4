import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { projectsBesideBun, projectsOnBun } from "./test/support/overBun.ts"

// "switchboard" is the source here, and what was built of it elsewhere.
const conditions = ["switchboard-source", "node", "import", "module", "default"]

// The stories that are told over two servers as well, which are to look like one. Left out are those that measure what
// time a moment takes, and those that bring servers of their own.
const overNodes = [
  "P2-model",
  "P4-membership",
  "P4-registering",
  "P8-blocking",
  "P8-erasing",
  "P8-search-model",
  "P8-sessions",
  "P9-confirmations",
  "P9-history",
  "P9-in-flight",
  "P9-settled",
  "recent"
]

// The stories of sockets and a look at the page, which are to be the same over TLS, on Node and on Bun.
const overTls = [
  "promises/P6-slow-reader",
  "promises/P7-leaks",
  "promises/P9-edge",
  "promises/P9-files",
  "promises/P9-hostile",
  "web/basePath"
]

const tls = {
  include: overTls.map((name) => `test/${name}.test.ts`),
  env: { TEST_TLS: "1", NODE_TLS_REJECT_UNAUTHORIZED: "0" }
}

// Files that share a process, so that Effect and the source are read in once and not for each of them. They keep nothing
// outside of their tests, and do not look at the memory of their own.
const together = ["domain", "client", "services/!(files|storage|webhooks)", "web/*/", "cli/{chat,configuration,otel}"]
  .map(
    (folder) => `test/${folder}/**/*.test.ts`
  )

// Those that last: the last file to begin is to be a short one, or one worker waits for the other.
const longest = ["client/chaos", "nodes/", "web/", "docs/", "cli/", "promises/P", "promises/"]

class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>) {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const at = longest.findIndex((start) => moduleId.includes(`/test/${start}`))
      return (project.config.isolate ? 0 : 100) + (at < 0 ? longest.length : at)
    }
    // Those of one rank are as they would be by themselves, the larger ones first.
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

const onBun = process.versions["bun"] !== undefined
const besideBun = process.env["TEST_ENGINE"] === "bun"

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: onBun ? projectsOnBun(tls) : besideBun ? projectsBesideBun(tls) : [
      { extends: true, test: { name: "one", include: ["test/**/*.test.ts"], exclude: together } },
      { extends: true, test: { name: "together", include: together, isolate: false } },
      {
        extends: true,
        test: {
          name: "nodes",
          include: overNodes.map((name) => `test/promises/${name}.test.ts`),
          env: { TEST_NODES: "2" }
        }
      },
      { extends: true, test: { name: "tls", ...tls } }
    ],
    globalSetup: ["test/web/support/build.ts", ...onBun ? [] : ["test/support/program.ts"]],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    // Real sockets, child processes and heap measurements share two cores.
    maxWorkers: 2,
    pool: "forks",
    execArgv: ["--expose-gc"]
  }
})
