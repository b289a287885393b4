/** What is looked at, and what is said of it. Whoever looks says what there is; the verdict over it is a plain function. */
import { Effect } from "effect"
import { inTime } from "../../services/kernel/inTime.ts"

export interface Verdict {
  readonly status: "ok" | "warning" | "failed"
  /** What was looked at. */
  readonly check: string
  /** What there is and, unless it is well, what to do. */
  readonly message: string
}

const verdict = (status: Verdict["status"]) => (check: string, message: string): Verdict => ({ status, check, message })

export const ok = verdict("ok")
export const warning = verdict("warning")
export const failed = verdict("failed")

export interface Check<R = never> {
  readonly name: string
  readonly run: Effect.Effect<ReadonlyArray<Verdict>, never, R>
  /** What reads all of a file takes as long as it takes. */
  readonly unbounded?: true
}

export const limitMillis = 5_000

/** It ends in time, and its mistakes are its own: the others are made all the same. */
const made = <R>({ name, run, unbounded }: Check<R>, millis: number): Effect.Effect<ReadonlyArray<Verdict>, never, R> =>
  (unbounded === true ? run : inTime(run, {
    millis,
    late: () =>
      Effect.succeed([failed(name, `No answer in ${millis / 1_000} seconds; see that it runs and can be reached.`)])
  })).pipe(
    Effect.catchDefect(() => Effect.succeed([failed(name, "It could not be looked at.")]))
  )

/** All at the same time, each with its own end, in their order. */
export const makeAll = <R>(
  checks: ReadonlyArray<Check<R>>,
  millis = limitMillis
): Effect.Effect<ReadonlyArray<Verdict>, never, R> =>
  Effect.map(
    Effect.forEach(checks, (check) => made(check, millis), { concurrency: "unbounded" }),
    (verdicts) => verdicts.flat()
  )

/** `1.5 GiB`. */
export const bytes = (count: number): string => {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
  let value = count
  let unit = 0
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** What went wrong, in the words of the operating system or a library; these name addresses, and no credentials. */
export const whyOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const said = error.message.split("\n")[0]!
  if (said !== "") return said
  return "code" in error ? String(error.code) : error.name
}
