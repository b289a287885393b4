/** `npm run bench:readme -- bench/results/….json`: README's table, and the chart beside the figures, of that run. */
import { readFileSync, writeFileSync } from "node:fs"
import { chart, markdown } from "./comparison.ts"
import type { Result } from "./figures.ts"

const [file = ""] = process.argv.slice(2)
const { commit, day, results } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly commit: string
  readonly day: string
  readonly results: ReadonlyArray<Result>
}
const readme = new URL("../README.md", import.meta.url)
const text = readFileSync(readme, "utf8")
const next = text.replace(/\| case [^]*?\n\n/, () => `${markdown(results)}\n\n`).replace(
  /at commit [0-9a-f]+/,
  `at commit ${commit}`
)
writeFileSync(readme, next)
writeFileSync(
  file.replace(/json$/, "svg"),
  chart(results, `Times the cost of bare ws, commit ${commit}, ${day}: less is better`)
)
