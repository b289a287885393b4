/** Log lines for people or for machines. They carry ids and reasons, never texts or credentials. */
import { Logger } from "effect"

export const loggerOf = (format: "pretty" | "json" | "logfmt") =>
  Logger.layer([
    format === "json" ? Logger.consoleJson : format === "logfmt" ? Logger.consoleLogFmt : Logger.consolePretty()
  ])
