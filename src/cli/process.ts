/** What the process hears from outside: who reads what it prints, who started it, and who wants it to end. */
import { Config, Console, Effect, Option } from "effect"

let serving = false

/**
 * A server goes on without its log when the reader of a pipe is gone or the disk is full, and logs again when it can.
 * Whatever else prints for somebody who does not read any more has nothing left to do.
 */
export const listenToOutput = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!serving) process.exit(error.code === "EPIPE" ? 0 : 1)
    })
  }
}

/** From here on this process is a server. */
export const beginServing = Effect.sync(() => {
  serving = true
})

/** npm passes on the Ctrl-C that the terminal has told everybody already. */
const sameSignalMillis = 500

const numbers = { SIGINT: 2, SIGTERM: 15 } as const

/** The first signal asks for a clean stop, for which `runMain` listens; a second one ends the process at once. */
export const endAtSecondSignal = (): void => {
  let first: number | undefined
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      first ??= performance.now()
      if (performance.now() - first > sameSignalMillis) process.exit(128 + numbers[signal])
    })
  }
}

export const endAnyway = Effect.andThen(
  Console.error("Something in the server did not end in time, so it was ended; nothing that was accepted is lost."),
  Effect.sync(() => process.exit(1))
)

const parentPollMillis = 100

/**
 * npm and npx put a shell between themselves and what they run; it dies of the signal and passes nothing on. Whoever
 * was started by them stops when its shell has gone.
 */
export const stopWithNpm = Effect.gen(function*() {
  const startedByNpm = yield* Config.option(Config.String("npm_execpath"))
  const parent = process.ppid
  if (Option.isNone(startedByNpm)) return
  const look = Effect.sync(() => process.ppid !== parent)
  yield* Effect.delay(look, parentPollMillis).pipe(
    Effect.repeat({ until: (gone: boolean) => gone }),
    Effect.andThen(Effect.sync(() => process.kill(process.pid, "SIGTERM"))),
    Effect.forkScoped
  )
})
