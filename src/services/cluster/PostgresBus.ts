/**
 * The bus over LISTEN and NOTIFY, on lines of its own: Postgres takes one lock of the whole server for each transaction
 * that notifies, from before its commit to after it, so notifying within the store's transactions would set them in a row.
 */
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect, Latch, Layer, Queue, type Redacted } from "effect"
import type { SqlError } from "effect/sql"
import * as LogLimit from "../kernel/LogLimit.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { PostgresLines } from "../storage/PostgresLines.ts"
import { saidByPostgres } from "../storage/sqlErrors.ts"
import { Bus } from "./Bus.ts"
import { BusEvents } from "./BusEvents.ts"
import { channelOf } from "./channel.ts"
import { keepOpen, LineEnded } from "./keepOpen.ts"
import { Joiner, Packer } from "./payloads.ts"
import { Pulse } from "./Pulse.ts"
import { Waiting } from "./Waiting.ts"

export interface PostgresBusOptions {
  /**
   * `postgres://user:password@host:port/name`. It has to lead to a session: behind PgBouncer in transaction mode nothing is
   * ever heard, and the bus says that it is not healthy.
   */
  readonly url: Redacted.Redacted<string>
  /** The Postgres schema that holds the store's tables; `public` by default. It and the database name the channel. */
  readonly schema?: string
  /** The channel, if it is to have another name. */
  readonly channel?: string
}

/** Milliseconds from one statement to the next: at most 50 a second. What is published meanwhile is gathered. */
const pause = 20

/** Seconds that a line may owe an answer. */
const patience = 4

const whyOf = (error: SqlError.SqlError): string => {
  const { cause } = error.reason
  return saidByPostgres(error) ?? (cause instanceof Error && cause.message !== "" ? cause.message : error.message)
}

const channelIn = (schema: string) => (connection: PgConnection.PgConnection) =>
  Effect.map(
    connection.query("SELECT current_database()::text AS name"),
    ({ rows }) => channelOf(String(rows[0]?.["name"]), schema)
  )

const make = Effect.fnUntraced(function*({ channel, schema = "public", url }: PostgresBusOptions) {
  const now = yield* Monotonic.now
  const lines = new PostgresLines(url, patience)
  const events = yield* BusEvents.make
  const waiting = new Waiting()
  const pulse = new Pulse()
  const joiner = new Joiner({
    message: (text) => events.heard(text),
    probe: (id) => {
      if (id === pulse.probe) pulse.heard()
    }
  })
  /** Open while there is something to say. */
  const due = Latch.makeUnsafe(false)
  const isSaid = Latch.makeUnsafe(true)
  let isProbeDue = false
  let why: string | undefined

  const probe = () => {
    isProbeDue = true
    due.openUnsafe()
  }

  const hear = (heard: Queue.Dequeue<PgConnection.Notification, SqlError.SqlError>) =>
    Effect.forever(
      Effect.map(Queue.takeAll(heard), (notifications) => {
        for (const { payload } of notifications) joiner.read(payload)
      })
    )

  const say = Effect.fnUntraced(function*(connection: PgConnection.PgConnection, name: string) {
    const packer = new Packer()
    while (true) {
      yield* due.await
      due.closeUnsafe()
      const payloads = packer.pack(waiting, isProbeDue ? pulse.probe : undefined)
      isProbeDue = false
      if (!waiting.isEmpty) due.openUnsafe()
      const start = now()
      yield* connection.query("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload", [name, payloads])
      if (waiting.isEmpty) isSaid.openUnsafe()
      yield* Effect.sleep(Math.max(0, pause - (now() - start)))
    }
  })

  const connect = PgConnection.make({
    url,
    stream: lines.open,
    connectTimeout: "3 seconds",
    applicationName: "switchboard",
    // Nobody's promise hangs on it, and the lock is held for a shorter time.
    startupParameters: { synchronous_commit: "off", statement_timeout: "3000" }
  })

  const run = Effect.gen(function*() {
    const [listener, notifier] = yield* Effect.all([connect, connect], { concurrency: 2 })
    const name = channel ?? (yield* channelIn(schema)(notifier))
    const heard = yield* listener.listen(name)
    joiner.clear()
    pulse.begin()
    events.gap()
    probe()
    // All lines are cut off before anything else: what waits for a dead one is not waited for.
    const cutOff = Effect.sync(() => lines.close())
    return yield* Effect.raceFirst(
      Effect.ensuring(hear(heard), cutOff),
      Effect.ensuring(say(notifier, name), cutOff)
    )
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => new LineEnded({ why: why ?? whyOf(error) })),
    Effect.ensuring(Effect.sync(() => {
      why = undefined
    }))
  )

  yield* keepOpen({
    name: "postgres",
    pulse,
    run,
    probe,
    look: () => {
      lines.look()
      joiner.look()
    },
    end: (reason) => {
      why = reason
      lines.close()
    },
    isSaid
  })

  return Bus.of({
    publish: (message) => {
      if (message.includes("\0") || !waiting.add(message)) return
      isSaid.closeUnsafe()
      due.openUnsafe()
    },
    events: events.queue,
    healthy: Effect.sync(() => pulse.isHealthy),
    name: "postgres"
  })
})

/** Serves at once, and connects and reconnects by itself. */
const layer = (options: PostgresBusOptions): Layer.Layer<Bus> =>
  Layer.provide(Layer.effect(Bus, make(options)), LogLimit.layer)

export const PostgresBus = { layer }
