/** What went wrong in a database, in the words of `StoreError`. */
import { Cause, Effect } from "effect"
import { SqlError } from "effect/sql"
import { StoreError } from "./MessageStore.ts"
import { problemOf } from "./SqliteClient.ts"

/**
 * A ROLLBACK over a broken line, or a migration, throws what went wrong as a defect. Other defects are mistakes of ours.
 */
const sqlErrorIn = (cause: Cause.Cause<unknown>): SqlError.SqlError | undefined => {
  for (const reason of cause.reasons) {
    const error = Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : undefined
    if (SqlError.isSqlError(error)) return error
  }
  return undefined
}

export const isRetryable = ({ reason: { _tag } }: SqlError.SqlError): boolean =>
  _tag === "DeadlockError" || _tag === "SerializationError" || _tag === "UniqueViolation"

/** Postgres's own sentence, where it has said one. It names roles and tables, and no credentials. */
export const saidByPostgres = ({ reason: { cause } }: SqlError.SqlError): string | undefined =>
  cause instanceof Error && "severity" in cause ? cause.message : undefined

/** Rights, room, connections, shutdown: errors whose sentences cannot have anybody's text in them. */
const isAboutTheDatabase = ({ reason: { cause } }: SqlError.SqlError): boolean =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" &&
  /^(25|28|3D|3F|53|57|58)...$|^42501$/.test(cause.code)

const toStoreError = (cause: SqlError.SqlError): StoreError => {
  switch (problemOf(cause)) {
    case "corrupt":
      return new StoreError({
        kind: "corrupt",
        message: "The data file is damaged; restore it from a backup.",
        cause
      })
    case "full":
      return new StoreError({ kind: "unavailable", message: "The disk is full; make room for the data file.", cause })
    case "read-only":
      return new StoreError({ kind: "unavailable", message: "The data file is read-only; make it writable.", cause })
  }
  const { _tag } = cause.reason
  if (isRetryable(cause) || _tag === "LockTimeoutError" || _tag === "StatementTimeoutError") {
    return new StoreError({ kind: "overloaded", message: "The store is busy.", cause })
  }
  const said = isAboutTheDatabase(cause) ? saidByPostgres(cause) : undefined
  return new StoreError({
    kind: "unavailable",
    // Other text from the driver stays in the cause.
    message: said !== undefined
      ? `The database refuses: ${said}.`
      : _tag === "ConnectionError"
      ? "The database cannot be reached."
      : "The store cannot be used at the moment.",
    cause
  })
}

/** Whatever the driver threw, too. */
export const orStoreError = <A, R>(effect: Effect.Effect<A, SqlError.SqlError, R>): Effect.Effect<A, StoreError, R> =>
  Effect.catchCause(effect, (cause) => {
    const error = sqlErrorIn(cause)
    return error === undefined ? Effect.failCause(cause as Cause.Cause<never>) : Effect.fail(toStoreError(error))
  })
