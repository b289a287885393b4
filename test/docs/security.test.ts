/** docs/security.md names tests; they exist. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { root } from "../support/ServerProcess.ts"

const page = readFileSync(`${root}docs/security.md`, "utf8")

describe("docs/security.md", () => {
  it("leaves out no number of the checklist", () => {
    const items = Array.from(page.matchAll(/^\| (\d+) +\|/gm), (match) => Number(match[1]))
    assert.isNotEmpty(items)
    assert.deepStrictEqual(items, items.map((_, i) => i + 1))
  })

  it("names tests that exist", () => {
    const named = Array.from(page.matchAll(/`((?:test|src)\/[^`]+\.ts)`: "([^"]+)"/g))
    assert.isAbove(named.length, 25)
    for (const [, file, test] of named) assert.include(readFileSync(root + file!, "utf8"), test!, file)
    for (const [, file] of page.matchAll(/`((?:test|src)\/[^`]+\.ts)`/g)) readFileSync(root + file!)
  })

  it("says of every attack what it is, and what it is felt as", () => {
    const bench = readFileSync(`${root}bench/hostile.ts`, "utf8")
    const attacks = Array.from(
      /^const attacks = \[([^\]]+)\]/m.exec(bench)![1]!.matchAll(/"(\w+)"/g),
      ([, name]) => name!
    )
    assert.isAtLeast(attacks.length, 40)
    const rows = Array.from(
      page.matchAll(/^\| `(\w+)` +\| [^|]+ \|(?: +[\d.]+ +\|| +– +\|){3}$/gm),
      ([, name]) => name!
    )
    assert.sameMembers(rows, attacks)
  })
})
