/** Looks at a Redis or Valkey. A user who may only publish and subscribe is enough for a server, and is asked no more. */
import { Effect, Redacted } from "effect"
import { isLoopback } from "../../services/kernel/addresses.ts"
import * as Monotonic from "../../services/kernel/Monotonic.ts"
import { type Check, failed, ok, type Verdict, warning, whyOf } from "./Check.ts"
import { type ClockReading, clockVerdict, readClock } from "./clock.ts"

const check = "redis"

/** The oldest that the bus is tried with. */
const oldestMajor = 7

const slowMillis = 20

export interface RedisState {
  /** `undefined` where this user may not ask. */
  readonly version: string | undefined
  readonly isValkey: boolean
  /** Of one question, in milliseconds; the quickest of several. */
  readonly millis: number
}

export const redisVerdict = ({ isValkey, millis, version }: RedisState): Verdict => {
  const name = isValkey ? "Valkey" : "Redis"
  const which = version === undefined ? name : `${name} ${version}`
  if (version !== undefined && !isValkey && Number(version.split(".")[0]) < oldestMajor) {
    return failed(check, `Redis ${version} is older than ${oldestMajor}; update it, or take Valkey.`)
  }
  const has = `${which} answers in ${millis.toFixed(1)} ms`
  return millis > slowMillis
    ? warning(check, `${has}; messages between servers wait for it: put the servers near it.`)
    : ok(check, `${has}.`)
}

/** Whoever can listen on the network, or connect, reads what goes from one server to another. */
export const redisAddressVerdict = (url: URL): Verdict | undefined => {
  if (url.hostname === "" || isLoopback(url.hostname)) return undefined
  if (url.protocol !== "rediss:") {
    return warning(check, "Messages go to Redis without encryption; give --redis-url a rediss:// address.")
  }
  return url.password === ""
    ? warning(check, "Redis has no password in --redis-url; whoever can connect reads all messages: give it one.")
    : undefined
}

/** How Redis names itself in `INFO server`. */
export const infoOf = (info: string): Pick<RedisState, "version" | "isValkey"> => {
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1]
  return { version: valkey ?? /^redis_version:(\S+)/m.exec(info)?.[1], isValkey: valkey !== undefined }
}

const connectMillis = 3_000

const connect = (url: Redacted.Redacted<string>) =>
  Effect.acquireRelease(
    Effect.map(Effect.promise(() => import("redis")), (driver) => {
      const client = driver.createClient({
        url: Redacted.value(url),
        RESP: 2,
        maintNotifications: "disabled",
        disableOfflineQueue: true,
        socket: { reconnectStrategy: false, connectTimeout: connectMillis }
      })
      // One that nobody listens to would end the process; whoever asks hears of it too.
      client.on("error", () => {})
      return client
    }),
    (client) => Effect.sync(() => client.destroy())
  ).pipe(Effect.tap((client) => Effect.tryPromise({ try: () => client.connect(), catch: whyOf })))

const questions = 3

const verdicts = Effect.fnUntraced(function*(url: Redacted.Redacted<string>) {
  const client = yield* connect(url)
  const say = (...command: ReadonlyArray<string>) =>
    Effect.tryPromise({ try: () => client.sendCommand([...command]), catch: whyOf })
  const now = yield* Monotonic.now
  let millis = Number.POSITIVE_INFINITY
  for (let i = 0; i < questions; i++) {
    const start = now()
    // One that may not ask this has an answer as well.
    yield* Effect.ignore(say("PING"))
    millis = Math.min(millis, now() - start)
  }
  const info = yield* Effect.orElseSucceed(say("INFO", "server"), () => "")
  const time: ClockReading | undefined = yield* Effect.orElseSucceed(
    readClock(Effect.map(say("TIME"), (answer) => {
      // `TIME` answers with two texts, and `say` has the type of what most commands answer.
      const [seconds, micros] = answer as unknown as ReadonlyArray<string>
      return Number(seconds) * 1_000 + Number(micros) / 1_000
    })),
    () => undefined
  )
  const address = redisAddressVerdict(new URL(Redacted.value(url)))
  return [
    redisVerdict({ ...infoOf(String(info)), millis }),
    ...(address === undefined ? [] : [address]),
    ...(time === undefined ? [] : [clockVerdict("Redis", time)])
  ]
}, Effect.scoped)

export const redisCheck = (url: Redacted.Redacted<string>): Check => ({
  name: check,
  run: Effect.suspend(() =>
    URL.canParse(Redacted.value(url))
      ? Effect.catch(
        verdicts(url),
        (why) =>
          Effect.succeed([
            failed(check, `Redis cannot be reached (${why}); check that it runs and what --redis-url says.`)
          ])
      )
      : Effect.succeed([failed(check, "Give --redis-url an address such as redis://user:password@host:port.")])
  )
})
