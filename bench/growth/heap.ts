/** What is left in a server's heap after its garbage is collected, as it tells itself (`heap-hook.ts`). */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sleep } from "../proc.ts"

export const heapFile = (pid: number): string => join(tmpdir(), `switchboard-heap-${pid}.json`)

const hook = ["--import", "./bench/growth/heap-hook.ts"]

/** For Node, or for Bun. */
export const heapArgs = (onBun: boolean): ReadonlyArray<string> => onBun ? hook : ["--expose-gc", ...hook]

/** In bytes. */
export const heapOf = async (pid: number): Promise<number> => {
  const file = heapFile(pid)
  process.kill(pid, "SIGUSR2")
  for (let i = 0; i < 500 && !existsSync(file); i++) await sleep(20)
  const { heap } = JSON.parse(readFileSync(file, "utf8")) as { readonly heap: number }
  rmSync(file)
  return heap
}
