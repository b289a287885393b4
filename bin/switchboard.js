#!/usr/bin/env node
/** In the repository the source itself, which Node runs as it is; in the package what was built from it. */
import { existsSync, mkdirSync } from "node:fs"
import module from "node:module"
import { join } from "node:path"

/** As package.json says it. Only this file is read by a Node that is older, so that it can say so. */
const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`Switchboard needs Node 22.19 or newer and this is Node ${process.versions.node}; install a newer one.`)
  process.exit(1)
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
await import(existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href)
