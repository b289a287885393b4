/** Builds the page; with `--if-stale` only when its build is missing or older than what it is made of. */
import { createHash } from "node:crypto"
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const directory = `${root}/dist/web`
/** Made last. */
const built = `${directory}/sw.js`

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

/** What the page begins with: itself, what it names, and its icons. What it loads later is kept once it was loaded. */
const shell = () => {
  const page = readFileSync(`${directory}/index.html`, "utf8")
  const named = Array.from(page.matchAll(/(?:src|href)="\.\/([^"]+)"/g), ([, file]) => file!)
  const icons = globSync("icons/*", { cwd: directory }).map((file) => file.replaceAll("\\", "/"))
  const files = Array.from(new Set([...named, ...icons])).sort()
  const hash = createHash("sha256")
  for (const file of ["index.html", ...files]) hash.update(readFileSync(`${directory}/${file}`))
  return { version: hash.digest("base64url").slice(0, 16), files: ["./", ...files] }
}

/** A classic script of one file: not every browser has service workers that import. */
const buildWorker = async (): Promise<void> => {
  const { rolldown } = await import("rolldown")
  const build = await rolldown({ input: `${root}/src/web/worker/worker.ts`, platform: "browser" })
  const { output } = await build.generate({ format: "iife", minify: true })
  await build.close()
  writeFileSync(built, `self.shell=${JSON.stringify(shell())};${output[0].code}`)
}

if (!process.argv.includes("--if-stale") || !isFresh()) {
  if (canBuild()) {
    const { build } = await import("vite")
    await build({ root: `${root}/src/web`, configFile: `${root}/vite.config.ts`, logLevel: "warn" })
    await buildWorker()
  } else {
    process.stderr.write("The page is not built: vite is missing. Run npm ci with its development dependencies.\n")
  }
}
