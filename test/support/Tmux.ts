/** A program in a real terminal: tmux draws it, and the test reads the screen and presses keys. */
import { Effect } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { engine, root } from "./ServerProcess.ts"
import { until } from "./until.ts"

const installed = spawnSync("tmux", ["-V"]).status === 0

if (!installed) {
  const message = "No tmux: the tests of the terminal cannot run."
  // CI installs one, so there its absence is a failure and not a reason to skip.
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

export const hasTmux = installed

export interface Tmux {
  /** What is on the screen, without empty lines at its end. */
  readonly screen: () => string
  /** Text as it is, then the keys by their tmux names. */
  readonly type: (text: string, ...keys: ReadonlyArray<string>) => void
  readonly resize: (columns: number, rows: number) => void
  /** Waits until the screen looks like that. */
  readonly shows: (pattern: RegExp) => Effect.Effect<void>
  /** As its window is closed, with the program in it. */
  readonly close: () => void
  /** Waits until the program has ended. */
  readonly ended: Effect.Effect<void>
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Starts a command line of a shell; killed when the scope closes. */
export const lineInTerminal = Effect.fnUntraced(function*(command: string, columns = 80, rows = 24) {
  const server = `switchboard-test-${randomUUID()}`
  const tmux = (...words: ReadonlyArray<string>): string =>
    execFileSync("tmux", ["-L", server, "-f", "/dev/null", ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    })
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      tmux("-u", "new-session", "-d", "-x", String(columns), "-y", String(rows), "-c", root, `LANG=C.UTF-8 ${command}`)
    ),
    // It is gone already when its program has ended.
    () => Effect.sync(() => void spawnSync("tmux", ["-L", server, "kill-server"]))
  )
  const running = () => spawnSync("tmux", ["-L", server, "has-session"]).status === 0
  const screen = () => tmux("capture-pane", "-p").trimEnd()
  const terminal: Tmux = {
    screen,
    type: (text, ...keys) => {
      if (text !== "") tmux("send-keys", "-l", "--", text)
      if (keys.length > 0) tmux("send-keys", ...keys)
    },
    resize: (columns, rows) => void tmux("resize-window", "-x", String(columns), "-y", String(rows)),
    shows: (pattern) =>
      until(Effect.sync(() => pattern.test(screen()))).pipe(
        Effect.catchDefect(() => Effect.die(new Error(`no ${pattern} on the screen:\n${screen()}`)))
      ),
    close: () => void tmux("kill-server"),
    ended: until(Effect.sync(() => !running()))
  }
  return terminal
})

/** Starts `switchboard` with these arguments; killed when the scope closes. */
export const inTerminal = (args: ReadonlyArray<string>, columns?: number, rows?: number) =>
  lineInTerminal([engine, "bin/switchboard.js", ...args].map(quote).join(" "), columns, rows)
