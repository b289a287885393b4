/** What the command does with seeds, and with a plan that was written down. */
import { lawOf, type Violation } from "./jobs.ts"
import { readPlan, writePlan } from "./plans.ts"
import { type Answer, isRan, Pool, type PoolOptions } from "./Pool.ts"
import { duration } from "./print.ts"
import { type Broken, runSeeds } from "./seeds.ts"
import { shrink } from "./shrink.ts"
import { storyOf } from "./story.ts"
import { summaryOf } from "./summary.ts"

const progressMillis = 10_000

const printViolations = (violations: ReadonlyArray<Violation>): void => {
  for (const violation of violations) console.log(`${lawOf(violation)}: ${violation.what}`)
}

/** One run, in full. */
const printRun = (answer: Answer, trace: boolean): void => {
  if (!isRan(answer)) return printViolations(answer.violations)
  if (trace) { for (const line of answer.trace) console.log(line) }
  printViolations(answer.violations)
  console.log(
    `seed ${answer.plan.seed}: digest ${answer.digest}, ${answer.plan.steps.length} steps, ` +
      `${duration(answer.virtualMillis)} of simulated time in ${duration(answer.millis)}, ` +
      `laws broken: ${answer.violations.length}`
  )
}

/** Makes the plan as short as it gets and tells of it. */
const explain = async (pool: Pool, { seed, violations }: Broken, file: string, most: number): Promise<void> => {
  const law = lawOf(violations[0]!)
  console.log(`\nSeed ${seed} breaks "${law}". Looking for the shortest plan that does.`)
  const whole = await pool.run({ plan: seed, trace: false })
  if (!isRan(whole)) return console.log("It has no plan that can be made shorter: the run comes to no end.")
  const { plan, tries } = await shrink({ pool, plan: whole.plan, law, tries: most })
  const shortest = await pool.run({ plan, trace: true })
  writePlan(file, plan)
  console.log(`After ${tries} tries ${plan.steps.length} of ${whole.plan.steps.length} steps are left.\n`)
  if (isRan(shortest)) console.log(storyOf(shortest))
  console.log(`\nWritten to ${file}; run it again with --plan ${file}`)
}

export interface RunOptions {
  readonly pool: PoolOptions
  readonly first: number
  readonly count: number
  /** No more seeds are begun after so long. */
  readonly minutes: number
  readonly trace: boolean
  readonly out: string | undefined
  /** Plans that are tried at most for a shorter one. */
  readonly tries: number
}

/** Returns the exit code. */
export const run = async ({ count, first, minutes, out, pool: options, trace, tries }: RunOptions): Promise<number> => {
  const pool = new Pool(options)
  try {
    const begun = performance.now()
    let told = begun
    const tally = await runSeeds({
      pool,
      first,
      count,
      trace: count === 1 && trace,
      goesOn: ({ broken, runs }, seed, answer) => {
        const { violations } = answer
        if (count === 1) printRun(answer, trace)
        else for (const violation of violations) console.log(`seed ${seed}: ${lawOf(violation)}: ${violation.what}`)
        const now = performance.now()
        if (now - told > progressMillis) {
          told = now
          console.log(`${runs} of ${count} runs, ${duration(now - begun)}, ${broken.length} broke a law`)
        }
        return now - begun < minutes * 60_000
      }
    })
    if (count > 1) console.log(`\n${summaryOf(tally, performance.now() - begun)}`)
    const [broken] = tally.broken
    if (broken === undefined) return 0
    await explain(pool, broken, out ?? `test-artifacts/plan-${broken.seed}.json`, tries)
    return 1
  } finally {
    pool.close()
  }
}

export interface ReplayOptions {
  readonly pool: PoolOptions
  readonly file: string
  readonly trace: boolean
}

export const replay = async ({ file, pool: options, trace }: ReplayOptions): Promise<number> => {
  const pool = new Pool({ ...options, workers: 1 })
  try {
    const answer = await pool.run({ plan: readPlan(file), trace: true })
    printRun(answer, trace)
    if (isRan(answer) && !trace) console.log(`\n${storyOf(answer)}`)
    return answer.violations.length === 0 ? 0 : 1
  } finally {
    pool.close()
  }
}
