import { CliError } from "effect/cli"

/** One sentence on stderr and exit code 1. */
export const userError = (userMessage: string, cause: unknown = userMessage) =>
  new CliError.UserError({ cause, userMessage })
