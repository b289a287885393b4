/**
 * `build/switchboard`, or the file that is named: the command line, the page and Bun in one file, which needs nothing
 * beside it. It runs on a machine like the one that builds it. `licences.md` in the same folder says what is in it of
 * others, and goes with it to whom it is given.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const root = fileURLToPath(new URL("..", import.meta.url))
const binary = resolve(process.argv[2] ?? join(root, "build/switchboard"))

const run = (program: string, ...args: ReadonlyArray<string>): void => {
  execFileSync(program, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] })
}

mkdirSync(dirname(binary), { recursive: true })
run(process.execPath, "scripts/build-web.ts", "--if-stale")
run(
  join(root, "node_modules/.bin/bun"),
  "build",
  "src/main.ts",
  "--compile",
  "--outfile",
  binary,
  "--conditions",
  "switchboard-source",
  "--asset",
  "dist/web",
  // A command is loaded when it is named, as compiled; together, modules that need each other are not put in order.
  "--splitting",
  "--bytecode",
  "--format=esm",
  "--minify",
  "--keep-names",
  // What lies in the folder that somebody starts it in is not for it.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig"
)

/** Its modules once more, only to see whose they are. */
const licences = async (): Promise<string> => {
  const made = await build({
    root,
    configFile: false,
    logLevel: "error",
    ssr: { noExternal: true },
    build: {
      ssr: true,
      write: false,
      target: "esnext",
      license: { fileName: "licences.md" },
      rolldownOptions: { input: join(root, "src/main.ts") }
    }
  })
  const file = [made].flat().flatMap((each) => "output" in each ? each.output : [])
    .find(({ fileName }) => fileName === "licences.md")
  if (file?.type !== "asset") throw new Error("Nobody said whose modules these are.")
  return String(file.source)
}

writeFileSync(
  join(dirname(binary), "licences.md"),
  `${await licences()}
# The page

${readFileSync(join(root, "dist/web/licences.md"), "utf8")}
# Bun

It is under the MIT licence, and has parts under other licences, LGPL among them: https://bun.com/docs/project/licensing
`
)
