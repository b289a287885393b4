/** Planted faults stay those of the source as it is, which has nothing of them. What finds them is in `running/found.test.ts`. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { root } from "../../support/ServerProcess.ts"
import { plantedFaults } from "./index.ts"
import { keptFaults } from "./kept.ts"
import { planted } from "./PlantedFault.ts"

describe("planted faults", () => {
  const all = [...plantedFaults, ...keptFaults]
  for (const fault of all) {
    it(`${fault.promise} ${fault.name} is made for the source as it is, and what comes of it can be read`, () => {
      const source = readFileSync(join(root, fault.file), "utf8")
      const spoilt = planted(fault, source)
      assert.notStrictEqual(spoilt, source)
      assert.isNotEmpty(stripTypeScriptTypes(spoilt))
      assert.throws(() => planted(fault, spoilt + fault.from + fault.from), /has to be there once/)
    })
  }

  it("each has a name of its own", () => {
    const names = all.map(({ name }) => name)
    assert.strictEqual(new Set(names).size, names.length)
  })
})
