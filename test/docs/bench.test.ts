/** README's figures are those of a run that is in the repository. */
import { assert, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { cells, chart } from "../../bench/comparison.ts"
import type { Result } from "../../bench/figures.ts"
import { root } from "../support/ServerProcess.ts"

const readme = readFileSync(`${root}README.md`, "utf8")
const commit = /at commit ([0-9a-f]{7,})/.exec(readme)![1]!
const [file = ""] = globSync(`${root}bench/results/????-??-??-${commit}.json`)
const { results } = JSON.parse(readFileSync(file, "utf8")) as { readonly results: ReadonlyArray<Result> }

it("README compares what the run of the commit that it names has measured, losses included", () => {
  const [table] = /\| case [^]*?\n\n/.exec(readme)!
  const shown = table.trim().split("\n").filter((line) => !line.startsWith("| -")).map((line) =>
    line.slice(1, -1).split("|").map((cell) => cell.trim())
  )
  assert.deepStrictEqual(shown, Array.from(cells(results), (line) => Array.from(line)))
})

it("the chart is of the same run", () => {
  const title = /<text x="10" y="22"[^>]*>(.*)<\/text>/.exec(readFileSync(file.replace(/json$/, "svg"), "utf8"))![1]!
  assert.include(title, commit)
  assert.strictEqual(readFileSync(file.replace(/json$/, "svg"), "utf8"), chart(results, title))
})
