/**
 * Once before all tests: the command line in a few files, for the processes that tests start. Reading in a thousand files
 * is most of what a start costs, and there are hundreds of starts. `test/docs` starts `bin/switchboard.js` itself.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, globSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"

const root = new URL("../../", import.meta.url).pathname
const place = join(root, "node_modules/.switchboard")

/** Another one for each state of what it is made of, so nobody's is replaced while it runs. */
const nameOf = (): string => {
  const hash = createHash("sha256")
  for (
    const file of globSync(["src/**/*.ts", "package-lock.json", "test/support/program.ts"], {
      cwd: root,
      exclude: ["src/web/**"]
    }).sort()
  ) {
    const { mtimeMs, size } = statSync(join(root, file))
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return hash.digest("hex").slice(0, 16)
}

const build = async (directory: string): Promise<void> => {
  const making = `${directory}.${process.pid}`
  const bundle = await rolldown({
    input: join(root, "src/main.ts"),
    platform: "node",
    // Effect and we are one; what others made stays where it is.
    external: (name) => /^[@a-z]/i.test(name) && !/^(@effect|effect)\b/.test(name),
    resolve: { conditionNames: ["node", "import"] }
  })
  await bundle.write({ dir: making, format: "esm", entryFileNames: "main.js" })
  await bundle.close()
  // The page is looked for beside what is put together.
  symlinkSync(join(root, "dist/web"), join(making, "web"))
  // Servers that are killed keep nothing of what was compiled; this one ends by itself, having read in every command.
  execFileSync(process.execPath, [join(making, "main.js"), "--version"], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(place, "compiled") }
  })
  for (const old of readdirSync(place)) {
    if (/^[0-9a-f]{16}$/.test(old)) rmSync(join(place, old), { recursive: true, force: true })
  }
  renameSync(making, directory)
}

export default async (): Promise<void> => {
  const directory = join(place, nameOf())
  if (!existsSync(directory)) await build(directory)
  process.env["TEST_PROGRAM"] ??= join(directory, "main.js")
  process.env["TEST_PROGRAM_COMPILED"] = join(place, "compiled")
}
