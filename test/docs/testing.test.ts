/** What docs/testing.md says is so: its test is one that runs, and its table has every contract. */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import * as Testing from "../../src/testing/index.ts"
import { root } from "../support/ServerProcess.ts"

const read = (path: string) => readFileSync(join(root, path), "utf8")

const page = read("docs/testing.md")
const [feature = "", ...others] = Array.from(page.matchAll(/```ts\n(.*?)```/gs), ([, code]) => code!)

describe("docs/testing.md", () => {
  it("has the test of a feature as it is run, and its body is ten lines", () => {
    const own = read("test/examples/dice.test.ts").replace("../../examples/dice/dice.ts", "./dice.ts")
    assert.include(own, feature)
    const body = feature.slice(feature.indexOf("it.effect")).trim().split("\n")
    assert.strictEqual(body.length, 10)
  })

  it("names every contract, and none that is not there", () => {
    const contracts = Object.keys(Testing).filter((name) => name.endsWith("Contract"))
    const named = new Set(page.match(/\b\w+Contract\b/g))
    assert.sameMembers(Array.from(named), contracts)
  })

  it("shows what its other examples show as it is done in tests", () => {
    const tests = ["test/testing/access.test.ts", "test/services/storage/contract.test.ts"].map(read).join("\n")
    const flat = (text: string) => text.replaceAll(/\s+/g, " ")
    for (const line of others.join("\n").split("\n")) {
      if (/^ .*(user|guessed): /.test(line)) assert.include(flat(tests), flat(line).trim().replace(/,$/, ""))
    }
    assert.strictEqual(others.length, 2)
  })

  it("needs no test framework", () => {
    for (const file of globSync("src/testing/**/*.ts", { cwd: root })) {
      assert.notMatch(read(file), /from ".*vitest/, file)
    }
  })
})
