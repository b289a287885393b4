/** Prometheus' own checks of what it reads. */
import { assert } from "@effect/vitest"
import { spawnSync } from "node:child_process"

export const hasPromtool = spawnSync("promtool", ["--version"]).status === 0

if (!hasPromtool) {
  const message = "No promtool: nobody checks the metrics and the alerts as Prometheus reads them."
  // CI installs it, so there its absence is a failure and not a reason to skip.
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

/** Fails with what it finds. */
export const promtool = (args: ReadonlyArray<string>, input = ""): void => {
  const { status, stderr, stdout } = spawnSync("promtool", args, { input, encoding: "utf8", timeout: 30_000 })
  assert.strictEqual(status, 0, `${stdout}${stderr}`)
}
