/** A disk of 4 MB, to be filled. */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"

export const mountSmall = Effect.acquireRelease(
  Effect.sync(() => {
    const path = mkdtempSync(join(tmpdir(), "switchboard-small-"))
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", path])
    return path
  }),
  (path) =>
    Effect.sync(() => {
      execFileSync("umount", ["-l", path])
      rmSync(path, { recursive: true, force: true })
    })
)

export const canMount = userInfo().uid === 0
if (!canMount) {
  if (process.env["CI"] !== undefined) throw new Error("CI needs root to mount a small disk.")
  process.stderr.write("\n!!! SKIPPED: not root, so no small disk can be mounted and filled.\n\n")
}
