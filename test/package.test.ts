/** What is published: small, and every link in it leads somewhere. */
import { execFileSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { assert, describe, it } from "vitest"
import { root } from "./support/ServerProcess.ts"

interface Packed {
  readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>
}

const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"]

const { files } = (() => {
  const out = JSON.parse(
    execFileSync("npm", pack, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  )
  return (Array.isArray(out) ? out[0] : Object.values(out)[0]) as Packed
})()

const paths = new Set(files.map(({ path }) => path))

const isThere = (path: string): boolean => paths.has(path) || files.some((file) => file.path.startsWith(`${path}/`))

/** As the pages of repositories make them of headings. */
const anchorsOf = (markdown: string) =>
  Array.from(
    markdown.matchAll(/^#+ (.*)$/gm),
    ([, heading]) => heading!.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  )

/** What the page is made of beside itself, as its sources name it. */
const madeOf = () => {
  const sources = globSync("src/web/**/*.{ts,tsx}", { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
  const names = sources.flatMap((text) =>
    Array.from(text.matchAll(/(?:from |import\()"(@[^/"]+\/[^/"]+|[a-z][^/":]*)/g))
  )
  return Array.from(new Set(names.map(([, name]) => name!))).sort()
}

describe("the package", () => {
  it("has no tests or sources, and what package.json names", () => {
    assert.deepStrictEqual(Array.from(paths).filter((path) => /^(test|src)\//.test(path)), [])
    for (const path of ["bin/switchboard.js", "README.md", "LICENSE", "CHANGELOG.md", "package.json"]) {
      assert.isTrue(isThere(path), path)
    }
  })

  it("has what its pages link to", () => {
    const pages = Array.from(paths).filter((path) => path.endsWith(".md"))
    assert.includeMembers(pages, globSync("docs/*.md", { cwd: root }))
    for (const page of pages) {
      const text = readFileSync(join(root, page), "utf8").replaceAll(/```.*?```/gs, "")
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/src="([^"]+)"/g)].map(([, link]) => link!)
      for (const link of links.filter((each) => !/^https?:/.test(each))) {
        const [path, anchor] = link.split("#")
        const target = path === "" ? page : posix.join(posix.dirname(page), path!)
        assert.isTrue(isThere(target), `${page} links to ${link}`)
        if (anchor !== undefined) assert.include(anchorsOf(readFileSync(join(root, target), "utf8")), anchor, page)
      }
    }
  })

  it("names whose work is in the page, with their licences", () => {
    const named = readFileSync(join(root, "dist/web/licences.md"), "utf8")
    assert.includeMembers(madeOf(), ["highlight.js", "markdown-it", "preact"])
    for (const name of madeOf()) assert.include(named, `\n## ${name} - `)
  })
})
