import { defineConfig } from "vitest/config"

export default defineConfig({
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
