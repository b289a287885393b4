/** A line that is being typed: pure, from one key to the next. */
import { Option } from "effect"
import type { Terminal } from "effect"
import { graphemes } from "./text.ts"

export interface Line {
  /** Graphemes on both sides of the cursor. */
  readonly before: ReadonlyArray<string>
  readonly after: ReadonlyArray<string>
  /** What was submitted before, oldest first, and which of it is shown; past the end is the new line. */
  readonly history: ReadonlyArray<string>
  readonly position: number
}

export const emptyLine: Line = { before: [], after: [], history: [], position: 0 }

export type Outcome =
  | { readonly _tag: "Edited"; readonly line: Line }
  | { readonly _tag: "Submitted"; readonly line: Line; readonly text: string }
  | { readonly _tag: "Quit" }

const maxHistory = 100

export const textOf = ({ after, before }: Line): string => before.join("") + after.join("")

const edited = (line: Line, change: Partial<Line>): Outcome => ({ _tag: "Edited", line: { ...line, ...change } })

const recall = (line: Line, position: number): Outcome => {
  if (position < 0 || position > line.history.length) return edited(line, {})
  return edited(line, { before: graphemes(line.history[position] ?? ""), after: [], position })
}

const submit = (line: Line): Outcome => {
  const text = textOf(line)
  const history = text === "" ? line.history : [...line.history, text].slice(-maxHistory)
  return { _tag: "Submitted", text, line: { before: [], after: [], history, position: history.length } }
}

const withoutWord = (before: ReadonlyArray<string>): ReadonlyArray<string> =>
  graphemes(before.join("").replace(/\S*\s*$/u, ""))

type Edit = (line: Line) => Outcome

const byName: Readonly<Record<string, Edit>> = {
  return: submit,
  enter: submit,
  backspace: (line) => edited(line, { before: line.before.slice(0, -1) }),
  delete: (line) => edited(line, { after: line.after.slice(1) }),
  left: (line) => edited(line, { before: line.before.slice(0, -1), after: [...line.before.slice(-1), ...line.after] }),
  right: (line) => edited(line, { before: [...line.before, ...line.after.slice(0, 1)], after: line.after.slice(1) }),
  home: (line) => edited(line, { before: [], after: [...line.before, ...line.after] }),
  end: (line) => edited(line, { before: [...line.before, ...line.after], after: [] }),
  up: (line) => recall(line, line.position - 1),
  down: (line) => recall(line, line.position + 1)
}

const byControl: Readonly<Record<string, Edit>> = {
  a: byName["home"]!,
  b: byName["left"]!,
  c: () => ({ _tag: "Quit" }),
  d: (line) => textOf(line) === "" ? { _tag: "Quit" } : byName["delete"]!(line),
  e: byName["end"]!,
  f: byName["right"]!,
  h: byName["backspace"]!,
  j: submit,
  k: (line) => edited(line, { after: [] }),
  n: byName["down"]!,
  p: byName["up"]!,
  u: (line) => edited(line, { before: [] }),
  w: (line) => edited(line, { before: withoutWord(line.before) })
}

/** What a key does to the line. */
export const press = (line: Line, { input, key }: Terminal.UserInput): Outcome => {
  const edit = key.ctrl ? byControl[key.name] : byName[key.name]
  if (edit !== undefined) return edit(line)
  const text = Option.getOrElse(input, () => "")
  if (key.ctrl || key.meta || text === "" || /\p{Cc}/u.test(text)) return edited(line, {})
  // What was typed may join what is there already: an accent, the rest of an emoji.
  return edited(line, { before: graphemes(line.before.join("") + text) })
}
