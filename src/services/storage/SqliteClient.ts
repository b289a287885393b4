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

/** Statements kept prepared; the store's own are far fewer. */
const maxPrepared = 256

const sqlError = (operation: string) => (cause: unknown) =>
  new SqlError.SqlError({
    reason: SqlError.classifySqliteError(cause, { message: `SQLite could not ${operation}`, operation })
  })

/** Least recently used statements are finalized by the garbage collector. */
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

const connectionOf = (db: DatabaseSync): SqlConnection.Connection => {
  const prepared = preparedStatements(db)
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
    execute: (sql, params, transform) => transformed(all(() => prepared(sql), params), transform),
    executeRaw: (sql, params) => all(() => prepared(sql), params),
    executeStream: (sql, params, transform) =>
      Stream.fromIterableEffect(transformed(all(() => db.prepare(sql), params), transform)),
    executeValues: (sql, params) => Effect.map(all(() => prepared(sql), params), values),
    executeValuesUnprepared: (sql, params) => Effect.map(all(() => db.prepare(sql), params), values),
    executeUnprepared: (sql, params, transform) => transformed(all(() => db.prepare(sql), params), transform)
  }
}

/** Opens the file and sets it up: a commit has reached the disk when it returns (`synchronous=FULL`, promise P1). */
const open = ({ busyTimeoutMillis = 100, filename, readonly = false }: SqliteOptions) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const db = new DatabaseSync(filename, {
          readOnly: readonly,
          enableForeignKeyConstraints: true,
          timeout: busyTimeoutMillis
        })
        if (!readonly) db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
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

/** Holds an exclusive lock on a database of its own until the scope closes; fails at once when somebody else has it. */
export const makeLock = (filename: string): Effect.Effect<void, SqlError.SqlError, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.try({
      try: () => {
        const db = new DatabaseSync(filename, { timeout: 0 })
        try {
          db.exec("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
        } catch (cause) {
          db.close()
          throw cause
        }
        return db
      },
      catch: sqlError("take the lock")
    }),
    (db) => Effect.sync(() => db.close())
  ))

export const layer = (options: SqliteOptions): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))
