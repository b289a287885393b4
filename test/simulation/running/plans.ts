/** Plans that are written down, to be run again. */
import { Schema } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { Plan } from "../schedule.ts"

const decode = Schema.decodeUnknownSync(Plan)

/** Fails for what is no plan. */
export const readPlan = (file: string): Plan => decode(JSON.parse(readFileSync(file, "utf8")))

export const writePlan = (file: string, plan: Plan): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(plan, null, 2)}\n`)
}
