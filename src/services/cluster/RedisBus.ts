/**
 * The bus over plain publish and subscribe of Redis or Valkey. No key is ever stored: a Redis that is empty, was restarted
 * or failed over is the same as one that was slow. Each end of a line makes two new connections; those of the driver would
 * come back by themselves and say nothing of what was missed.
 */
import { Deferred, Effect, Latch, Layer, Redacted } from "effect"
import * as LogLimit from "../kernel/LogLimit.ts"
import { Bus, BusError, maxMessageBytes } from "./Bus.ts"
import { BusEvents } from "./BusEvents.ts"
import { keepOpen, LineEnded } from "./keepOpen.ts"
import { Pulse } from "./Pulse.ts"
import { overhead, Waiting } from "./Waiting.ts"

export interface RedisBusOptions {
  /** `redis://user:password@host:port`, or `rediss://…` for TLS. */
  readonly url: Redacted.Redacted<string>
  /** Servers of one cluster have one channel, and others another (`channelOf`). */
  readonly channel: string
}

/** How much may be on its way to Redis without an answer; the rest waits. In bytes. */
const maxUnderWay = 1_048_576

const connectMillis = 3_000

/** What is published begins with one of these, so that anything else is known to be foreign. */
const whole = "="
const probe = "?"

type Driver = typeof import("redis")

// RESP 2 is spoken by every Redis, Valkey and proxy, and is enough for this.
const clientOf = (driver: Driver, url: Redacted.Redacted<string>) =>
  driver.createClient({
    url: Redacted.value(url),
    RESP: 2,
    // Not `name`: a user that may only publish and subscribe could not say it.
    clientInfoTag: "switchboard",
    maintNotifications: "disabled",
    disableOfflineQueue: true,
    // A timer for every command is dearer than the command.
    commandOptions: { timeout: 0 },
    socket: { reconnectStrategy: false, connectTimeout: connectMillis }
  })

type Client = ReturnType<typeof clientOf>

/** The sentences of Redis and of sockets name addresses and commands, and no credentials. */
const lineEnded = (error: unknown) => new LineEnded({ why: error instanceof Error ? error.message : String(error) })

/** Its errors go to `onError` for as long as the process lives: one that nobody listens to would end it. */
const connect = (make: () => Client, onError: (error: unknown) => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = make()
      client.on("error", onError)
      return client
    }),
    (client) =>
      Effect.sync(() => {
        // One that is just being made is not known to the driver yet.
        client.on("connect", () => client.destroy())
        client.destroy()
      })
  ).pipe(
    Effect.tap((client) => Effect.tryPromise({ try: () => client.connect(), catch: lineEnded }))
  )

const make = Effect.fnUntraced(function*({ channel, url }: RedisBusOptions) {
  // 30 MB, for those who use it.
  const driver = yield* Effect.promise(() => import("redis"))
  const open = () => clientOf(driver, url)
  const unreadable = () =>
    new BusError({ message: "The URL of Redis cannot be read; give it as redis://user:password@host:port." })
  // The driver takes an empty one for none.
  if (Redacted.value(url) === "") return yield* unreadable()
  yield* Effect.try({ try: () => open().destroy(), catch: unreadable })
  const events = yield* BusEvents.make
  const waiting = new Waiting()
  const pulse = new Pulse()
  const isSaid = Latch.makeUnsafe(true)
  let publisher: Client | undefined
  let underWay = 0
  let end = (_why: unknown): void => {}

  /** The driver writes in one go what is published within a turn of the event loop. */
  const send = (client: Client, message: string, bytes: number) => {
    underWay += bytes
    const settled = () => {
      underWay -= bytes
      if (publisher === client) pump(client)
    }
    void client.sendCommand(["PUBLISH", channel, message]).then(settled, (error) => {
      // It may not publish, or there is no line any more.
      if (publisher === client) end(error)
      settled()
    })
  }

  const pump = (client: Client) => {
    while (true) {
      const message = underWay < maxUnderWay ? waiting.take() : undefined
      if (message === undefined) break
      send(client, whole + message.text, message.bytes + overhead)
    }
    if (underWay === 0) isSaid.openUnsafe()
  }

  const onMessage = (message: string) => {
    if (message.startsWith(probe)) {
      if (message.slice(1) === pulse.probe) pulse.heard()
    } else if (message.startsWith(whole)) {
      if (message.length * 3 <= maxMessageBytes || Buffer.byteLength(message) - 1 <= maxMessageBytes) {
        events.heard(message.slice(1))
      }
    }
  }

  const sayProbe = () => {
    if (publisher !== undefined) send(publisher, probe + pulse.probe, 0)
  }

  const run = Effect.gen(function*() {
    const ended = Deferred.makeUnsafe<never, LineEnded>()
    let mine: Client | undefined
    const leave = () => {
      if (publisher === mine) publisher = undefined
    }
    const onError = (error: unknown) => {
      // At once, so that what waits is kept for the next line.
      leave()
      Deferred.doneUnsafe(ended, Effect.fail(lineEnded(error)))
    }
    end = onError
    const both = Effect.gen(function*() {
      const clients = yield* Effect.all([connect(open, onError), connect(open, onError)], { concurrency: 2 })
      const [subscriber, client] = clients
      yield* Effect.tryPromise({ try: () => subscriber.subscribe(channel, onMessage), catch: lineEnded })
      return client
    })
    // A proxy may take a connection and never say a word.
    const client = yield* Effect.timeoutOrElse(both, {
      duration: 2 * connectMillis,
      orElse: () => Effect.fail(new LineEnded({ why: "it does not answer" }))
    })
    yield* Effect.addFinalizer(() => Effect.sync(leave))
    publisher = mine = client
    pulse.begin()
    events.gap()
    sayProbe()
    pump(client)
    return yield* Deferred.await(ended)
  }).pipe(Effect.scoped)

  yield* keepOpen({
    name: "redis",
    pulse,
    run,
    probe: sayProbe,
    look: () => {},
    end: (why) => end(why),
    isSaid
  })

  return Bus.of({
    publish: (message) => {
      if (!waiting.add(message)) return
      isSaid.closeUnsafe()
      if (publisher !== undefined) pump(publisher)
    },
    events: events.queue,
    healthy: Effect.sync(() => pulse.isHealthy),
    name: "redis"
  })
})

/** Serves at once, and connects and reconnects by itself. */
const layer = (options: RedisBusOptions): Layer.Layer<Bus, BusError> =>
  Layer.provide(Layer.effect(Bus, make(options)), LogLimit.layer)

export const RedisBus = { layer }
