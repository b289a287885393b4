import { defineConfig } from "vitest/config"

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
  "P8-sessions",
  "P9-confirmations",
  "P9-history",
  "P9-in-flight",
  "P9-settled",
  "recent"
]

// The stories of sockets and a look at the page, which are to be the same over TLS.
const overTls = [
  "promises/P6-slow-reader",
  "promises/P7-leaks",
  "promises/P9-edge",
  "promises/P9-hostile",
  "web/basePath"
]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      { extends: true, test: { name: "one", include: ["test/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "nodes",
          include: overNodes.map((name) => `test/promises/${name}.test.ts`),
          env: { TEST_NODES: "2" }
        }
      },
      {
        extends: true,
        test: {
          name: "tls",
          include: overTls.map((name) => `test/${name}.test.ts`),
          env: { TEST_TLS: "1", NODE_TLS_REJECT_UNAUTHORIZED: "0" }
        }
      }
    ],
    globalSetup: ["test/web/support/build.ts"],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // Real sockets, child processes and heap measurements share two cores.
    maxWorkers: 2,
    pool: "forks",
    execArgv: ["--expose-gc"]
  }
})
