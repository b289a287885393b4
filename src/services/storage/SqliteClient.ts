/** An `effect/sql` client over Node's own SQLite. One connection, one statement at a time. */
import { Effect, Layer, type Scope, Semaphore, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, SqlConnection, SqlError, Statement } from "effect/sql"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"

export interface SqliteOptions {
  readonly filename: string
  readonly readonly?: boolean
  /** How long a statement waits for another process's lock, in milliseconds. It blocks the event loop, so it is short. */
  readonly busyTimeoutMillis?: number
}

interface SqliteConnection extends SqlConnection.Connection {
  /**
   * Runs one prepared statement for each row of parameters and answers all that came back, as one effect. Measured:
   * SQLite is faster at many small statements than at one over `VALUES`, as long as they cost no effect each.
   */
  executeMany<Row extends object>(
    sql: string,
    rows: ReadonlyArray<ReadonlyArray<SQLInputValue>>
  ): Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError>
}

export const isSqliteConnection = (connection: SqlConnection.Connection): connection is SqliteConnection =>
  "executeMany" in connection

/** Statements kept prepared; the store's own are far fewer. */
const maxPrepared = 256

/** Node has SQLite's result code in `errcode`; the classifier looks for it in `errno`. */
const sqlError = (operation: string) => (cause: unknown) => {
  const coded = typeof cause === "object" && cause !== null && "errcode" in cause
    ? Object.assign(cause, { errno: cause.errcode })
    : cause
  return new SqlError.SqlError({
    reason: SqlError.classifySqliteError(coded, { message: `SQLite could not ${operation}`, operation })
  })
}

/** SQLite's own result codes, as far as somebody has to do something about them. */
const problems: { readonly [code: number]: "busy" | "locked" | "read-only" | "corrupt" | "full" | "cannot open" } = {
  5: "busy",
  6: "locked",
  8: "read-only",
  11: "corrupt",
  13: "full",
  14: "cannot open",
  26: "corrupt"
}

export const problemOf = (error: unknown) => {
  const cause = error instanceof SqlError.SqlError ? error.reason.cause : error
  return typeof cause === "object" && cause !== null && "errcode" in cause
    ? problems[Number(cause.errcode) & 0xff]
    : undefined
}

/** Past `maxPrepared` the oldest is forgotten; the garbage collector finalizes it. */
const preparedStatements = (db: DatabaseSync) => {
  const cache = new Map<string, StatementSync>()
  return (sql: string): StatementSync => {
    const known = cache.get(sql)
    if (known !== undefined) return known
    const statement = db.prepare(sql)
    cache.set(sql, statement)
    if (cache.size > maxPrepared) cache.delete(cache.keys().next().value!)
    return statement
  }
}

const connectionOf = (db: DatabaseSync): SqliteConnection => {
  const prepared = preparedStatements(db)
  const answering = new WeakMap<StatementSync, boolean>()
  /** Whether it gives rows; asking the statement costs as much as running it. */
  const answers = (statement: StatementSync): boolean => {
    let known = answering.get(statement)
    if (known === undefined) answering.set(statement, known = statement.columns().length > 0)
    return known
  }
  const all = (statement: () => StatementSync, params: ReadonlyArray<unknown>) =>
    Effect.try({
      try: () => statement().all(...params as ReadonlyArray<SQLInputValue>) as ReadonlyArray<SqlConnection.Row>,
      catch: sqlError("execute")
    })
  const transformed = (
    rows: Effect.Effect<ReadonlyArray<SqlConnection.Row>, SqlError.SqlError>,
    transform: (<A extends object>(row: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined
  ) => transform === undefined ? rows : Effect.map(rows, transform)
  const values = (rows: ReadonlyArray<SqlConnection.Row>) => rows.map((row) => Object.values(row))
  return {
    executeMany: <Row extends object>(sql: string, rows: ReadonlyArray<ReadonlyArray<SQLInputValue>>) =>
      Effect.try({
        try: () => {
          const statement = prepared(sql)
          const found: Array<Row> = []
          if (!answers(statement)) {
            for (const row of rows) statement.run(...row)
          } else {
            for (const row of rows) {
              for (const each of statement.all(...row)) found.push(each as Row)
            }
          }
          return found
        },
        catch: sqlError("execute")
      }),
    execute: (sql, params, transform) => transformed(all(() => prepared(sql), params), transform),
    executeRaw: (sql, params) => all(() => prepared(sql), params),
    executeStream: (sql, params, transform) =>
      Stream.fromIterableEffect(transformed(all(() => db.prepare(sql), params), transform)),
    executeValues: (sql, params) => Effect.map(all(() => prepared(sql), params), values),
    executeValuesUnprepared: (sql, params) => Effect.map(all(() => db.prepare(sql), params), values),
    executeUnprepared: (sql, params, transform) => transformed(all(() => db.prepare(sql), params), transform)
  }
}

/**
 * A commit has reached the disk when it returns (`synchronous=FULL`, promise P1). 64 MiB of cache: with SQLite's own 2 MiB
 * a commit reads pages from the file again (43 instead of 38 µs a message).
 */
export const setUp = (db: DatabaseSync): void =>
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -65536"
  )

/** Opens the file and sets it up. */
const open = ({ busyTimeoutMillis = 100, filename, readonly = false }: SqliteOptions) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const db = new DatabaseSync(filename, {
          readOnly: readonly,
          enableForeignKeyConstraints: true,
          timeout: busyTimeoutMillis
        })
        if (!readonly) setUp(db)
        return db
      },
      catch: sqlError("open the file")
    }),
    (db) => Effect.sync(() => db.close())
  )

export const make: (
  options: SqliteOptions
) => Effect.Effect<SqlClient.SqlClient, SqlError.SqlError, Scope.Scope | Reactivity.Reactivity> = Effect.fnUntraced(
  function*(options) {
    const db = yield* open(options)
    const connection = connectionOf(db)
    const semaphore = yield* Semaphore.make(1)
    return yield* SqlClient.make({
      ...SqlClient.makeSqliteAcquirers({
        connection: Effect.succeed(connection),
        semaphore,
        isTransaction: () => db.isTransaction
      }),
      compiler: Statement.makeCompilerSqlite(),
      driver: "node-sqlite",
      beginTransaction: "BEGIN IMMEDIATE",
      prepareTransactionControls: true,
      spanAttributes: [["db.system.name", "sqlite"]]
    })
  }
)

export interface Lock {
  /** Notes these two numbers where `user_version` and `application_id` are, without letting go. */
  mark(userVersion: number, applicationId: number): Effect.Effect<void, SqlError.SqlError>
}

/** Holds an exclusive lock on a database of its own until the scope closes; fails at once when somebody else has it. */
export const makeLock = (filename: string): Effect.Effect<Lock, SqlError.SqlError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.try({
        try: () => {
          const db = new DatabaseSync(filename, { timeout: 0 })
          try {
            // One page is ever written: it needs no journal on the disk.
            db.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
          } catch (cause) {
            db.close()
            throw cause
          }
          return db
        },
        catch: sqlError("take the lock")
      }),
      (db) => Effect.sync(() => db.close())
    ),
    (db) => ({
      mark: (userVersion, applicationId) =>
        Effect.try({
          try: () =>
            db.exec(
              `PRAGMA user_version = ${userVersion}; PRAGMA application_id = ${applicationId}; COMMIT; BEGIN EXCLUSIVE`
            ),
          catch: sqlError("mark the lock")
        })
    })
  )

/** Moves the log into the file; false when somebody still reads it. */
export const emptyLog = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`
  return row?.busy === 0
})

export const userVersion = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly user_version: number }>`PRAGMA user_version`
  return row?.user_version ?? 0
})

export const setUserVersion = Effect.fnUntraced(function*(value: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`PRAGMA user_version = ${sql.literal(String(value))}`
})

export const layer = (options: SqliteOptions): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))
