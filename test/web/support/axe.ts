/** What axe has against the page as it is. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string }>
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** All of it, however little it matters. */
export const findings = async (page: Page): Promise<ReadonlyArray<string>> => {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe)
  const violations = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<{ violations: ReadonlyArray<Violation> }> } }).axe.run()
      .then(({ violations }) => violations)
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`)
}
