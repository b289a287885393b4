/** The house rules that a compiler does not check. */
import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { root } from "./support/ServerProcess.ts"

const files = globSync("src/**/*.{ts,tsx}", { cwd: root })

/** Lower may not import higher. */
const layerOf = (file: string): number => {
  if (file.startsWith("src/domain/")) return 0
  if (file.startsWith("src/client/")) return 1
  if (file.startsWith("src/services/transport/") || file.startsWith("src/services/http/")) return 2
  if (file.startsWith("src/services/") || file.startsWith("src/testing/")) return 1
  if (file.startsWith("src/cli/") || file === "src/index.ts") return 3
  return 4
}

const source = (file: string) => readFileSync(join(root, file), "utf8")

const importsOf = (file: string): ReadonlyArray<string> =>
  Array.from(source(file).matchAll(/from "(\.[^"]+)"/g), ([, path]) => relative(root, resolve(root, file, "..", path!)))

describe("the house", () => {
  it("imports run one way: domain, services, transport and http, cli, main", () => {
    for (const file of files) {
      for (const imported of importsOf(file)) {
        assert.isAtMost(layerOf(imported), layerOf(file), `${file} imports ${imported}`)
      }
    }
  })

  it("the client imports only itself and the domain, and nothing of Node where browsers bundle it", () => {
    const nodeOnly = ["src/client/node.ts", "src/client/nodeUploads.ts", "src/client/fileOutbox.ts"]
    for (const file of files.filter((name) => name.startsWith("src/client/"))) {
      for (const imported of importsOf(file)) {
        assert.match(imported, /^src\/(client|domain)\//, `${file} imports ${imported}`)
        if (!nodeOnly.includes(file)) assert.notInclude(nodeOnly, imported, file)
      }
      const packages = Array.from(source(file).matchAll(/from "([^.][^"]*)"/g), ([, name]) => name!)
      if (!nodeOnly.includes(file)) assert.isEmpty(packages.filter((name) => !/^effect(\/|$)/.test(name)), file)
    }
  })

  const chainFrom = (imports: (room: string) => Iterable<string>) => {
    const longest = new Map<string, ReadonlyArray<string>>()
    return function chain(room: string, path: ReadonlyArray<string> = []): ReadonlyArray<string> {
      assert.notInclude(path, room, `a circle: ${[...path, room].join(" → ")}`)
      let best = longest.get(room)
      if (best !== undefined) return best
      best = [room]
      for (const imported of imports(room)) {
        const rest = chain(imported, [...path, room])
        if (rest.length >= best.length) best = [room, ...rest]
      }
      longest.set(room, best)
      return best
    }
  }

  it("no circles", () => {
    const chain = chainFrom(importsOf)
    for (const file of files) chain(file)
  })

  it("no circles between the folders of services, nor a chain of more than nine", () => {
    const roomOf = (file: string) => dirname(file) === "src/services" ? file : dirname(file)
    const rooms = Map.groupBy(files.filter((file) => file.startsWith("src/services/")), roomOf)
    const chain = chainFrom((room) => {
      const imported = rooms.get(room)!.flatMap(importsOf).filter((file) => file.startsWith("src/services/"))
      return new Set(imported.map(roomOf).filter((other) => other !== room))
    })
    for (const room of rooms.keys()) assert.isAtMost(chain(room).length, 9, chain(room).join(" → "))
  })

  it("whoever sends one message waits for no server and no store to be read in", () => {
    const reached = new Set<string>()
    const visit = (file: string): void => {
      if (reached.has(file)) return
      reached.add(file)
      importsOf(file).forEach(visit)
    }
    visit("src/main.ts")
    visit("src/cli/send.ts")
    const services = Array.from(reached).filter((file) => file.startsWith("src/services/"))
    assert.deepStrictEqual(services.toSorted(), ["src/services/Settings.ts", "src/services/kernel/addresses.ts"])
  })

  it("the domain is pure: only effect and itself", () => {
    for (const file of files.filter((name) => name.startsWith("src/domain/"))) {
      const packages = Array.from(source(file).matchAll(/from "([^.][^"]*)"/g), ([, name]) => name)
      assert.deepStrictEqual(packages.filter((name) => name !== "effect"), [], file)
    }
  })

  it("the page knows the client, the domain and its view library, and nobody knows the page", () => {
    // Beside it those that read marks and code, and the names of emoji.
    const allowed =
      /^(src\/(web|client|domain)\/|(preact(\/hooks)?|markdown-it|linkify-it|oauth4webapi|highlight\.js\/.+|emojibase-data\/.+)$)/
    for (const file of files) {
      const isPage = file.startsWith("src/web/")
      const packages = Array.from(source(file).matchAll(/from "([^.][^"]*)"/g), ([, name]) => name!)
      for (const imported of isPage ? [...importsOf(file), ...packages] : []) {
        assert.match(imported, allowed, `${file} imports ${imported}`)
      }
      for (const imported of isPage ? [] : importsOf(file)) assert.notMatch(imported, /^src\/web\//, file)
    }
  })

  it("no HTML is ever made of text", () => {
    for (const file of files.filter((name) => name.startsWith("src/web/"))) {
      assert.notMatch(source(file), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\b/i, file)
    }
  })

  it("no wall clock, chance, environment, console or async functions in src", () => {
    // The page is a browser's program and not Effect's.
    for (const file of files.filter((name) => !name.startsWith("src/web/"))) {
      assert.notMatch(
        source(file),
        /Date\.now|new Date\(|Math\.random|process\.env|console\.|\basync\b|setTimeout/,
        file
      )
    }
  })

  it("files say one thing: at most 300 lines", () => {
    // A language of the page is one file.
    for (const file of files.filter((name) => !name.startsWith("src/web/words/"))) {
      assert.isAtMost(source(file).split("\n").length, 300, file)
    }
  })
})
