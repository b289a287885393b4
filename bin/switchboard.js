#!/usr/bin/env node
/** In the repository the source itself, which Node runs as it is; in the package what was built from it. */
import { existsSync } from "node:fs"

const source = new URL("../src/main.ts", import.meta.url)
await import(existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href)
