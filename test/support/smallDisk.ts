/** A disk of 4 MB, to be filled. */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { userInfo } from "node:os"
import { temporaryDirectory } from "./stores.ts"

export const mountSmall = Effect.flatMap(temporaryDirectory, (path) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", path])
      return path
    }),
    () => Effect.sync(() => execFileSync("umount", ["-l", path]))
  ))

export const canMount = userInfo().uid === 0
if (!canMount) {
  if (process.env["CI"] !== undefined) throw new Error("CI needs root to mount a small disk.")
  process.stderr.write("\n!!! SKIPPED: not root, so no small disk can be mounted and filled.\n\n")
}
