#!/usr/bin/env node
/** In the repository the source itself, which Node runs as it is; in the package what was put together from it. */
import { existsSync, mkdirSync } from "node:fs"
import module from "node:module"
import { availableParallelism, totalmem } from "node:os"
import { join } from "node:path"

/** As package.json says it. Only this file is read by a Node that is older, so that it can say so. */
const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`Switchboard needs Node 22.19 or newer and this is Node ${process.versions.node}; install a newer one.`)
  process.exit(1)
}

// A server makes much that dies young: with twice V8's room for it the collector copies less and stops it more rarely; with
// four times as much 10,000 idle connections would keep 6 KB more each. Where there is one core, threads that help the
// collector only take turns with what they help. V8 takes both only as it starts, so the process becomes another with the
// same pid, unless somebody has said otherwise or a parent talks with it.
const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ")
const memory = Math.min(process.constrainedMemory() || Infinity, totalmem())
const wanted = [
  ...(memory >= 2 ** 30 && !/semi[-_]space/.test(options) ? ["--max-semi-space-size=32"] : []),
  ...(availableParallelism() === 1 && !/single[-_]threaded/.test(options) ? ["--single-threaded-gc"] : [])
]
if (
  process.argv[2] === "serve" && process.platform !== "win32" && process.versions.bun === undefined &&
  process.execve !== undefined && !process.connected && wanted.length > 0
) {
  try {
    const args = [...process.execArgv, ...wanted, ...process.argv.slice(1)]
    process.execve(process.execPath, [process.execPath, ...args], process.env)
  } catch {
    // It may not, as where Node's permissions are asked for.
  }
}

// Reading the code in is most of what a short command does: from the second time on it is read as compiled. What is run
// is kept in a place of the user's own, not where everybody may write; without such a place nothing is kept.
const { HOME, LOCALAPPDATA, NODE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env
const caches = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && join(HOME, ".cache"))
if (caches && !NODE_COMPILE_CACHE) {
  const own = join(caches, "switchboard")
  for (const directory of [caches, own]) {
    try {
      mkdirSync(directory, { mode: 0o700 })
    } catch {
      // It is there already, or cannot be.
    }
  }
  if (existsSync(own)) module.enableCompileCache(own)
}

const source = new URL("../src/main.ts", import.meta.url)
await import(existsSync(source) ? source.href : new URL("../dist/switchboard.js", import.meta.url).href)
