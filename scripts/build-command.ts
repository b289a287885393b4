/**
 * `dist/switchboard.js`, which the command line is in the package: its modules and Effect's put together, because reading
 * in so many files is most of a start. A command is still loaded when it is named. What others import from the package
 * stays as it is. What is in it of others has their licences beside it.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const root = fileURLToPath(new URL("..", import.meta.url))

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as Manifest

/** Those that use Effect have to use the same. */
const apart = Object.keys(dependencies).filter((name) => !name.startsWith("@effect/"))

await build({
  root,
  configFile: false,
  logLevel: "warn",
  ssr: { noExternal: true, external: apart },
  build: {
    ssr: true,
    outDir: "dist",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "node22",
    // Names stay, for who reads a stack.
    minify: false,
    license: { fileName: "licences.md" },
    rolldownOptions: {
      input: { switchboard: `${root}/dist/main.js` },
      output: {
        minify: { compress: true, codegen: true, mangle: false },
        entryFileNames: "[name].js",
        chunkFileNames: "switchboard-[name]-[hash].js"
      }
    }
  }
})
