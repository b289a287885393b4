/** What many runs come to, in words. */
import { lawOf } from "./jobs.ts"
import { duration, table } from "./print.ts"
import type { Tally } from "./seeds.ts"

const perCent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(0)} %`

export const coverageOf = ({ coverage, runs, runsWith }: Tally): string =>
  table([
    ["what happened", "times", "in runs"],
    ...Array.from(coverage, ([name, count]) => [name, String(count), perCent(runsWith.get(name) ?? 0, runs)])
      .sort(([a = ""], [b = ""]) => a < b ? -1 : 1)
  ])

/** Of each law the first seeds that broke it. */
export const brokenOf = ({ broken }: Tally): string => {
  const laws = new Map<string, Array<{ readonly seed: number; readonly what: string }>>()
  for (const { seed, violations } of broken) {
    for (const violation of violations) {
      const law = lawOf(violation)
      const seeds = laws.get(law) ?? []
      if (seeds.at(-1)?.seed !== seed) seeds.push({ seed, what: violation.what })
      laws.set(law, seeds)
    }
  }
  return Array.from(laws, ([law, seeds]) =>
    [
      `${law}: broken by ${seeds.length} seeds`,
      ...seeds.slice(0, 5).map(({ seed, what }) => `  seed ${seed}: ${what}`)
    ].join("\n")).join("\n")
}

export const summaryOf = (tally: Tally, millis: number): string => {
  const { broken, longestMillis, realMillis, runs, virtualMillis } = tally
  return [
    coverageOf(tally),
    "",
    `${runs} runs in ${duration(millis)} (${duration(realMillis / Math.max(1, runs))} each, ${
      duration(longestMillis)
    } at most), ` +
    `${duration(virtualMillis)} of simulated time.`,
    broken.length === 0 ? "No law was broken." : `${broken.length} runs broke a law.\n${brokenOf(tally)}`
  ].join("\n")
}
