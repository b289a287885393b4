/** The command line that is measured. */
import { execFileSync } from "node:child_process"
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Read as it is, with twice the heap and so longer pauses: for cases whose servers have other modules in it. */
export const source = join(root, "bin/switchboard.js")

/** What was built last, as it is in the package, where no source is beside it, for as long as this process runs. */
export const install = (): { readonly directory: string; readonly entry: string } => {
  const directory = mkdtempSync(join(tmpdir(), "switchboard-installed-"))
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }))
  for (const part of ["bin", "dist", "package.json"]) {
    cpSync(join(root, part), join(directory, part), { recursive: true })
  }
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"))
  return { directory, entry: join(directory, "bin/switchboard.js") }
}

let installed: string | undefined

/** As its users have it, of the source as it is now. */
export const entry = (): string => {
  if (installed === undefined) {
    execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] })
    installed = install().entry
  }
  return installed
}
