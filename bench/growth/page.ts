/** docs/capacity.md with the figures of one run. */
import { answers, costsOf, inputs, mostHeard } from "./capacity.ts"
import type { Row } from "./part.ts"

/** Its two tables, the name of the run and what a bus can bear at most. */
export const withFigures = (page: string, run: string, rows: ReadonlyArray<Row>): string => {
  const costs = costsOf(rows)
  return page
    .replace(/results\/[\d-]+-growth-[\w-]+\.md/g, `results/${run}.md`)
    .replace(/\| +\| what [^]*?\n\n/, () => `${inputs(costs)}\n\n`)
    .replace(/\| what they do [^]*?\n\n/, () => `${answers(costs)}\n\n`)
    .replace(/\*\*[\d,]+ messages a second\*\*/, `**${mostHeard(costs)} messages a second**`)
}
