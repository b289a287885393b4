/** Builds the page; with `--if-stale` only when its build is missing or older than what it is made of. */
import { existsSync, globSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const built = `${root}/dist/web/index.html`

const sources = ["src/web/**/*", "src/client/**/*", "src/domain/**/*", "vite.config.ts", "package.json"]

const isFresh = (): boolean => {
  if (!existsSync(built)) return false
  const builtAt = statSync(built).mtimeMs
  return globSync(sources, { cwd: root }).every((file) => statSync(`${root}/${file}`).mtimeMs <= builtAt)
}

const canBuild = (): boolean => {
  try {
    return createRequire(import.meta.url).resolve("vite/package.json") !== ""
  } catch {
    return false
  }
}

if (!process.argv.includes("--if-stale") || !isFresh()) {
  if (canBuild()) {
    const { build } = await import("vite")
    await build({ root: `${root}/src/web`, configFile: `${root}/vite.config.ts`, logLevel: "warn" })
  } else {
    process.stderr.write("The page is not built: vite is missing. Run npm ci with its development dependencies.\n")
  }
}
