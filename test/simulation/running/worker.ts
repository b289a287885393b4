/** A process that simulates what it is asked for, one plan after the other. Its one argument is a fault to plant. */
import { plant } from "../planted/hook.ts"
import type { Job, Ran } from "./jobs.ts"

const [fault] = process.argv.slice(2)
if (fault !== undefined) plant(fault)
// Read in after the fault is planted.
const { planOf, simulate } = await import("../simulate.ts")

const run = async ({ plan: asked, trace }: Job): Promise<Ran> => {
  const plan = typeof asked === "number" ? planOf(asked) : asked
  const begun = performance.now()
  const outcome = await simulate(plan)
  return { ...outcome, plan, trace: trace ? outcome.trace : [], millis: performance.now() - begun }
}

process.on("message", (job: Job) => {
  run(job).then(
    (ran) => process.send!(ran),
    (error: unknown) => process.send!({ broke: error instanceof Error ? String(error.stack) : String(error) })
  )
})
process.on("disconnect", () => process.exit())
process.send!("ready")
