/**
 * `npm run simulate -- --seed 42 --runs 1000`: the whole server under one seed after the other. It ends with 1 where a law was
 * broken; the first plan that did is made as short as it gets, told as a story and written down for `--plan`.
 */
import { parseArgs } from "node:util"
import { faultTable } from "./running/faultTable.ts"
import { replay, run } from "./running/run.ts"

const usage = `npm run simulate -- [options]

  --seed N       the first seed; 1 without it
  --runs N       how many seeds, one after the other; 1 without it
  --minutes N    begin no more seeds after so long
  --plan FILE    one plan as it was written down, in place of seeds
  --trace        print all that happens, where there is one run
  --workers N    processes at once; as many as there are cores without it
  --seconds N    of real time that a run may take; 120 without it
  --tries N      plans that are tried at most for a shorter one; 600 without it
  --out FILE     where the shortest plan that breaks a law is written; test-artifacts/plan-SEED.json without it
  --plant NAME   run the source with this planted fault
  --planted      look for each planted fault, or for those of --plant with commas between, and print after how many
                 seeds it is found; --runs says how many at most`

const numberOf = (name: string, text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} is "${text}"; give a number.\n\n${usage}`)
  process.exit(2)
}

const readArgs = () => {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: "string" },
        runs: { type: "string" },
        minutes: { type: "string" },
        plan: { type: "string" },
        trace: { type: "boolean", default: false },
        workers: { type: "string" },
        seconds: { type: "string" },
        tries: { type: "string" },
        out: { type: "string" },
        plant: { type: "string" },
        planted: { type: "boolean", default: false },
        help: { type: "boolean", default: false }
      }
    })
    return values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    return process.exit(2)
  }
}

const { help, minutes, out, plan, plant, planted, runs, seconds, seed, trace, tries: triesText, workers } = readArgs()
const first = numberOf("seed", seed, 1)
const tries = numberOf("tries", triesText, 600)
const pool = {
  plant,
  seconds: numberOf("seconds", seconds, 120),
  ...(workers === undefined ? undefined : { workers: Math.max(1, numberOf("workers", workers, 1)) })
}

process.exitCode = help
  ? (console.log(usage), 0)
  : planted
  ? await faultTable({ pool, first, most: numberOf("runs", runs, 1_000), tries })
  : plan !== undefined
  ? await replay({ pool, file: plan, trace })
  : await run({
    pool,
    first,
    count: numberOf("runs", runs, 1),
    minutes: numberOf("minutes", minutes, Infinity),
    trace,
    out,
    tries
  })
