/** Read in by a server before itself: at SIGUSR2 it collects its garbage and tells what is left. */
import { renameSync, writeFileSync } from "node:fs"
import { heapFile } from "./heap.ts"

const engine = globalThis as { readonly gc?: () => void; readonly Bun?: { readonly gc: (now: boolean) => void } }

const collect = () => engine.Bun === undefined ? engine.gc!() : engine.Bun.gc(true)

process.on("SIGUSR2", () => {
  collect()
  // What finalizers let go of is gone after another.
  setTimeout(() => {
    collect()
    const file = heapFile(process.pid)
    writeFileSync(`${file}.new`, JSON.stringify({ heap: process.memoryUsage().heapUsed }))
    renameSync(`${file}.new`, file)
  }, 100)
})
