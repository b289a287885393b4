import { defineConfig } from "vitest/config"

// "switchboard" is the source here, and what was built of it elsewhere.
const conditions = ["switchboard-source", "node", "import", "module", "default"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/web/support/build.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real sockets, child processes and heap measurements share two cores.
    maxWorkers: 2,
    pool: "forks",
    execArgv: ["--expose-gc"]
  }
})
