/**
 * Read in by the server of a soak before itself: tells what no metric does. The heap is the least of half a minute, which is
 * about what is left after a collection of garbage. Fibers are all that anything still holds, those that have ended as well:
 * to count them V8 collects everything, so it is done seldom.
 */
import { renameSync, writeFileSync } from "node:fs"
import { queryObjects } from "node:v8"
import { insideOf } from "./inside.ts"

const looks = 30
const countSeconds = 300
let heaps: Array<number> = []
let seconds = 0
let fibers = 0

/** Where Effect says which fiber runs; what is put there first tells the class of all of them. */
const runs = "~effect/Fiber/currentFiber"
let Fiber: (new() => object) | undefined

Object.defineProperty(globalThis, runs, {
  configurable: true,
  get: () => undefined,
  set: (fiber: object) => {
    Fiber = fiber.constructor as new() => object
    Object.defineProperty(globalThis, runs, { configurable: true, enumerable: true, writable: true, value: fiber })
  }
})

setInterval(() => {
  heaps = [...heaps.slice(1 - looks), process.memoryUsage().heapUsed]
  // After the first half minute, so that there is one before the people have done much.
  if (seconds++ % countSeconds === looks && Fiber !== undefined) fibers = queryObjects(Fiber, { format: "count" })
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout" || kind === "Immediate").length
  // In one step, so that nobody reads half of it.
  const file = insideOf(process.pid)
  writeFileSync(`${file}.new`, JSON.stringify({ heap: Math.min(...heaps), timers, fibers }))
  renameSync(`${file}.new`, file)
}, 1_000).unref()
