/** Switchboard as it was at another commit, usually before it could be several servers, for as long as this process runs. */
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const commit = process.env["BENCH_BEFORE"] ?? "ce380af"

export const before = "Switchboard before several nodes"
export const beforeDirectory = join(tmpdir(), `switchboard-before-${process.pid}`)

/** Its dependencies are among ours, in the same versions. */
export const prepareBefore = (): void => {
  mkdirSync(beforeDirectory)
  process.on("exit", () => rmSync(beforeDirectory, { recursive: true, force: true }))
  const files = execFileSync("git", ["archive", commit], { maxBuffer: 2 ** 28 })
  execFileSync("tar", ["-x", "-C", beforeDirectory], { input: files })
  symlinkSync(join(process.cwd(), "node_modules"), join(beforeDirectory, "node_modules"))
}
