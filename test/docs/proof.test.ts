/** docs/proof.md is true of the tests and the planted faults as they are. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { plantedFaults } from "../simulation/planted/index.ts"
import { root } from "../support/ServerProcess.ts"

const page = readFileSync(`${root}docs/proof.md`, "utf8")

const promises = Array.from({ length: 10 }, (_, index) => `P${index + 1}`)

/** The cells of each row whose first one matches. */
const rows = (first: RegExp): ReadonlyArray<ReadonlyArray<string>> =>
  page.split("\n").filter((line) => line.startsWith("| ")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  ).filter(([cell]) => first.test(cell!))

describe("docs/proof.md", () => {
  it("names of each promise tests that exist and say that they guard it", () => {
    const guards = rows(/^P\d+$/)
    assert.deepStrictEqual(guards.map(([promise]) => promise), promises)
    for (const [promise, , named] of guards) {
      const files = Array.from(named!.matchAll(/`(test\/[^`]+)`/g), ([, file]) => file!)
      assert.isAtLeast(files.length, 2, promise)
      for (const file of files) assert.match(readFileSync(root + file, "utf8"), new RegExp(`\\b${promise}\\b`), file)
    }
  })

  it("has every planted fault, with its promise", () => {
    const told = rows(/^`[a-z-]+`$/).map(([name, promise]) => `${promise} ${name}`)
    assert.sameMembers(told, plantedFaults.map(({ name, promise }) => `${promise} \`${name}\``))
  })
})
