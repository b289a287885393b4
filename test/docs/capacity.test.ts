/** docs/capacity.md's figures are those of a run that is in the repository. */
import { assert, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { withFigures } from "../../bench/growth/page.ts"
import type { Row } from "../../bench/growth/part.ts"
import { root } from "../support/ServerProcess.ts"

const page = readFileSync(`${root}docs/capacity.md`, "utf8")
const run = /results\/([\d-]+-growth-[\w-]+)\.md/.exec(page)![1]!
const { rows } = JSON.parse(readFileSync(`${root}bench/results/${run}.json`, "utf8")) as {
  readonly rows: ReadonlyArray<Row>
}

it("docs/capacity.md reckons with what the run that it names has measured", () => {
  assert.isTrue(existsSync(`${root}bench/results/${run}.md`))
  assert.strictEqual(withFigures(page, run, rows), page)
})
