/** Log lines for people or for machines. They carry ids and reasons, never texts or credentials. */
import { Logger } from "effect"

/** Bytes that may wait for whoever reads the log and does not; past it lines are lost. */
const maxWaiting = 1_048_576

/** The chat goes on without its log where nobody takes it. */
const whileTaken = (logger: Logger.Logger<unknown, void>): Logger.Logger<unknown, void> =>
  Logger.make((options) => {
    if (process.stdout.writableLength < maxWaiting) logger.log(options)
  })

export const loggerOf = (format: "pretty" | "json" | "logfmt") =>
  Logger.layer([whileTaken(
    format === "json" ? Logger.consoleJson : format === "logfmt" ? Logger.consoleLogFmt : Logger.consolePretty()
  )])
