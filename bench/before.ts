/** Switchboard as it was before it could be several servers, in a git worktree beside this one. */
import { execFileSync } from "node:child_process"
import { existsSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const commit = "ce380af"

export const before = "Switchboard before several nodes"
export const beforeDirectory = join(tmpdir(), `switchboard-${commit}`)

/** Its dependencies are among ours, in the same versions. */
export const prepareBefore = (): void => {
  if (existsSync(join(beforeDirectory, "node_modules"))) return
  execFileSync("git", ["worktree", "prune"])
  execFileSync("git", ["worktree", "add", "--detach", beforeDirectory, commit], { stdio: "ignore" })
  symlinkSync(join(process.cwd(), "node_modules"), join(beforeDirectory, "node_modules"))
}
