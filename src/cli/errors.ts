/** Why a command did not do its work: one sentence on stderr, and an exit code. */
import { Runtime, Schema } from "effect"
import { CliError } from "effect/cli"
import { type ClientError, ended } from "../client/ClientError.ts"
import type { ChatError } from "../domain/Errors.ts"

export { ended } from "../client/ClientError.ts"

/** Exit code 1. */
export const userError = (userMessage: string, cause: unknown = userMessage) =>
  new CliError.UserError({ cause, userMessage })

/** An error that has its sentence already. */
export const told = (error: { readonly message: string }) => userError(error.message, error)

/** Exit code 2: there was no answer, so nobody knows. Saying it again under the same id is safe. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { sentence: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 2

  override get [CliError.userMessage](): string {
    return this.sentence
  }
}

/** Exit code 1: what was looked at is not as it should be. */
export class ChecksFailed extends Schema.TaggedError<ChecksFailed>()("ChecksFailed", { sentence: Schema.String }) {
  override get [CliError.userMessage](): string {
    return this.sentence
  }
}

/** What the client's errors are for the person at the command line. */
export const chatError = (error: ChatError | ClientError): CliError.UserError =>
  error._tag === "ClientError" && error.code === 401
    ? userError("The server does not know you without a good token; give one with --token or SWITCHBOARD_TOKEN.", error)
    : userError(ended(error.message), error)

/** Why a server cannot listen. */
export const listenError = (host: string, port: number, cause: unknown, flag = "port") => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  switch (code) {
    case "EADDRINUSE":
      return userError(`Port ${port} is in use; stop the other program or choose a port with --${flag}.`, cause)
    case "EACCES":
      return userError(`Port ${port} needs more rights; choose one above 1023 with --${flag}.`, cause)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return userError(`This machine has no address ${host}; choose one with --host.`, cause)
    default:
      return userError(`Cannot listen on ${host}:${port}; choose another --host or --${flag}.`, cause)
  }
}
