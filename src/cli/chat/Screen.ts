/** Where a chat is shown and typed: a terminal, or plain lines when there is none. */
import { type Cause, Config, Console, Effect, Option, Queue, type Scope, Stream } from "effect"
import { Terminal } from "effect/Terminal"
import { colourStyle, plainStyle, type Style } from "./format.ts"
import { emptyLine, press, textOf } from "./LineEditor.ts"
import { truncate, truncateStart, width } from "./text.ts"

/** What is shown below everything that was said. */
export interface Footer {
  /** Messages that have no answer yet. */
  readonly pending: ReadonlyArray<string>
  /** About the connection, when there is something to say. */
  readonly status: string | undefined
  readonly prompt: string
}

export interface Screen {
  readonly style: Style
  /** Whether a person sits before it, who does not want to wait. */
  readonly interactive: boolean
  /** Something that happened or was asked: as lines for people, or as the value itself for programs. */
  readonly say: (value: object, lines: () => ReadonlyArray<string>) => Effect.Effect<void>
  /** About the connection and about mistakes. */
  readonly notice: (line: string) => Effect.Effect<void>
  readonly footer: (footer: Footer) => Effect.Effect<void>
  /** What is typed, a line at a time; ends when nothing more will be. */
  readonly lines: Stream.Stream<string>
  /** Each time that a message becomes longer or shorter before it is sent. */
  readonly edits: Stream.Stream<void>
}

/** Without a terminal: what is said goes to stdout, the rest to stderr, and each line of stdin is a line. */
export const plainScreen: Effect.Effect<Screen, never, Terminal> = Effect.map(Terminal, ({ readLine }) => ({
  style: plainStyle,
  interactive: false,
  say: (_, lines) =>
    Effect.suspend(() => {
      const text = lines().join("\n")
      return text === "" ? Effect.void : Console.log(text)
    }),
  notice: (line) => Console.error(line),
  footer: () => Effect.void,
  edits: Stream.empty,
  lines: Stream.fromEffectRepeat(readLine).pipe(Stream.catch(() => Stream.empty))
}))

/** For programs: one JSON object a line, what went wrong among them on stderr. */
export const jsonScreen: Effect.Effect<Screen, never, Terminal> = Effect.map(plainScreen, (screen) => ({
  ...screen,
  say: (value) => Console.log(JSON.stringify(value)),
  notice: (line) => Console.error(JSON.stringify({ type: "notice", message: line.replace(/^[!*] /, "") }))
}))

const maxPendingShown = 5
const clearDown = "\r\u001b[J"
const up = (lines: number): string => lines === 0 ? "" : `\u001b[${lines}A`

/** The lines of the footer, each no wider than the terminal, and the column of the cursor in the last. */
const render = ({ pending, prompt, status }: Footer, before: ReadonlyArray<string>, after: string, columns: number) => {
  const room = Math.max(columns, 10) - 1
  const hidden = pending.length - maxPendingShown
  const lines = [
    ...pending.slice(0, maxPendingShown),
    ...(hidden > 0 ? [`… and ${hidden} more`] : []),
    ...(status === undefined ? [] : [status])
  ].map((line) => truncate(line, room))
  const head = truncate(prompt, Math.floor(room / 2))
  const left = truncateStart(before, room - width(head) - 1)
  const right = truncate(after, Math.max(room - width(head) - width(left), 1))
  return { lines, input: `${head}${left}${after === "" ? "" : right}`, back: after === "" ? 0 : width(right) }
}

/**
 * On a terminal: lines scroll up as in any program, so that they can be read back and copied; only the footer below
 * them is drawn again. No cursor addressing from the top, so it works in every terminal and over slow lines.
 */
export const terminalScreen: Effect.Effect<Screen, never, Terminal | Scope.Scope> = Effect.gen(function*() {
  const terminal = yield* Terminal
  const typed = yield* Queue.unbounded<string, Cause.Done>()
  const edited = yield* Queue.sliding<void>(1)
  const plain = yield* Effect.option(Config.String("NO_COLOR"))
  const style = Option.isSome(plain) ? plainStyle : colourStyle
  let footer: Footer = { pending: [], status: undefined, prompt: "> " }
  let line = emptyLine
  /** How wide the lines of the footer are that are on the screen, the one with the cursor last and up to it. */
  let drawn: ReadonlyArray<number> = [0]
  /** A terminal that became narrower shows a line on several rows. */
  const rowsAbove = (columns: number): number =>
    drawn.reduce(
      (rows, cells, index) =>
        rows + (index === drawn.length - 1 ? Math.floor(cells / columns) : Math.max(1, Math.ceil(cells / columns))),
      0
    )

  const draw = (lines: ReadonlyArray<string>) =>
    Effect.flatMap(terminal.columns, (columns) => {
      const { back, input, lines: shown } = render(footer, line.before, line.after.join(""), columns)
      const output = `${up(rowsAbove(columns))}${clearDown}${lines.map((each) => `${each}\n`).join("")}${
        shown.map((each) => `${style.dim(each)}\n`).join("")
      }${input}${back === 0 ? "" : `\u001b[${back}D`}`
      drawn = [...shown.map(width), width(input) - back]
      return Effect.ignore(terminal.display(output))
    })

  const keys = yield* terminal.readInput
  yield* Stream.fromQueue(keys).pipe(
    Stream.takeUntil((key) => press(line, key)._tag === "Quit"),
    Stream.runForEach((key) => {
      const outcome = press(line, key)
      if (outcome._tag === "Quit") return Effect.void
      line = outcome.line
      if (outcome._tag === "Submitted") Queue.offerUnsafe(typed, outcome.text)
      else if (/^[^/]/.test(textOf(line))) Queue.offerUnsafe(edited, undefined)
      return draw([])
    }),
    Effect.ensuring(Effect.sync(() => Queue.endUnsafe(typed))),
    Effect.forkScoped
  )
  const sizes = yield* terminal.size
  yield* Stream.runForEach(Stream.fromQueue(sizes), () => draw([])).pipe(Effect.forkScoped)
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(
      terminal.columns,
      (columns) => Effect.ignore(terminal.display(`${up(rowsAbove(columns))}${clearDown}`))
    )
  )

  return {
    style,
    interactive: true,
    say: (_, lines) => draw(lines()),
    notice: (text) => draw([style.warn(text)]),
    footer: (next) => {
      footer = next
      return draw([])
    },
    lines: Stream.fromQueue(typed),
    edits: Stream.fromQueue(edited)
  }
})
