/** What happened in one run, in plain sentences: what was planned for it, what was heard, and which law was broken. */
import type { Plan } from "../schedule.ts"
import { lawOf, type Ran } from "./jobs.ts"
import { castOf, sentenceOf } from "./sentences.ts"

interface Told {
  readonly at: number
  readonly text: string
}

/** Said again and again, and seldom what it is about. */
const isUsual = (type: unknown): boolean =>
  typeof type === "string" && ["ping", "pong", "welcome", "typing", "receipt", "pending", "own"].includes(type)

type Frame = Readonly<Record<string, unknown>>

const placeOf = ({ conversation, seq }: Frame): string => `${String(seq)} of ${String(conversation)}`

const heard = (frame: Frame): string | undefined => {
  const { type } = frame
  if (isUsual(type)) return undefined
  switch (type) {
    case "incoming_message":
      return `hears ${String(frame["sender"])} say ${JSON.stringify(frame["text"])}, ${placeOf(frame)}`
    case "message_accepted":
      return `is told that ${JSON.stringify(frame["id"])} is ${placeOf(frame)}${
        frame["duplicate"] === true ? ", as it was before" : ""
      }`
    case "accepted": {
      const { accepted, message } = frame as { readonly accepted: Frame; readonly message: Frame }
      return `is told that ${JSON.stringify(message["text"])} is ${placeOf(accepted)}`
    }
    case "error":
      return `is refused ${JSON.stringify(frame["id"] ?? "something")}: ${String(frame["code"])}`
    case "presence":
      return `hears that ${String(frame["user"])} is ${String(frame["status"])}`
    case "draining":
      return "is told that its server stops"
    default:
      return "seq" in frame && "conversation" in frame
        ? `hears ${String(type)} of ${String(frame["sender"] ?? frame["by"])}, ${placeOf(frame)}`
        : `hears ${String(type)}`
  }
}

/** A line of the trace as a sentence; `undefined` where the plan has said it, or it says nothing. */
const sentence = (who: string, what: string): string | undefined => {
  if (who === "LAW" || what.startsWith("FAULT ") || what.startsWith("says ")) return undefined
  if (what === "PEACE") return "All faults end."
  const json = /^hears (\{.*\})$/s.exec(what)?.[1]
  if (json === undefined) {
    const [, asked, answer] = /^(\w+): (.*)$/s.exec(what) ?? []
    if (asked === undefined) return `${who} ${what.trim()}.`
    return `${who} is ${answer === "refused" ? "refused" : "answered"} (${asked}).`
  }
  const frame = JSON.parse(json) as Frame
  const text = heard(frame)
  return text === undefined ? undefined : `${who} ${text}.`
}

const linesOf = (trace: ReadonlyArray<string>): ReadonlyArray<Told> =>
  trace.flatMap((line) => {
    const [, at, who, what] = /^\s*(\d+) (\S+) (.*)$/s.exec(line) ?? []
    if (at === undefined || who === undefined || what === undefined) return []
    const text = sentence(who, what)
    return text === undefined ? [] : [{ at: Number(at), text }]
  })

const planned = (plan: Plan): ReadonlyArray<Told> =>
  plan.steps.map((step) => ({ at: step.at, text: `→ ${sentenceOf(plan, step)}.` }))

/** What is planned stands before what comes of it. */
export const storyOf = ({ plan, trace, violations }: Pick<Ran, "plan" | "trace" | "violations">): string => {
  // A sort keeps the order of those at the same time.
  const all = [...planned(plan), ...linesOf(trace)].sort((a, b) => Math.round(a.at) - Math.round(b.at))
  return [
    ...castOf(plan),
    "",
    ...all.map(({ at, text }) => `${(at / 1_000).toFixed(3).padStart(9)} s  ${text}`),
    "",
    ...violations.map((violation) => `Broken: ${lawOf(violation)}. ${violation.what}`)
  ].join("\n")
}
