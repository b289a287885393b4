/** When devices were used last. A user has so many; the one that was not used for longest is forgotten for a new one. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { DeviceId, UserId } from "../../domain/Ids.ts"
import { isForgettable, noteAgainMillis } from "./devices.ts"
import type { Sql } from "./Dialect.ts"
import { numbers, overRows } from "./SqlRows.ts"

/** Cursors removed in one statement. */
const step = 1_000

/** The time of a device that is half forgotten. */
const half = -1

interface Device {
  readonly user: UserId
  readonly device: DeviceId
}

interface UseRow {
  readonly user_id: UserId
  readonly device: DeviceId
  readonly used_at: number
}

/** Removes at most `step` of a device's cursors, and the device with its last one. Returns whether it is gone. */
const forget = Effect.fnUntraced(function*(sql: Sql, user: UserId, device: DeviceId) {
  const gone = yield* sql`DELETE FROM devices WHERE user_id = ${user} AND device = ${device} AND conversation IN (
    SELECT conversation FROM devices WHERE user_id = ${user} AND device = ${device} ORDER BY conversation LIMIT ${step})
    RETURNING received_seq`
  if (gone.length === step) return false
  yield* sql`DELETE FROM device_uses WHERE user_id = ${user} AND device = ${device}`
  return true
})

/** Devices that this process has noted; past it they are asked for again. */
const maxNoted = 100_000

/** The uses of devices, as one store of one process notes them. */
export class DeviceUses {
  readonly #max: number
  /** When each was noted last, so that most confirmations cost no look. A hint: other processes forget, too. */
  readonly #notedAt = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** Within a commit: these devices have confirmed something. */
  readonly note = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, moved: Iterable<Device>, now: number): Effect.fn.Return<void, SqlError.SqlError> {
      const devices = new Map<string, Device>()
      for (const { device, user } of moved) {
        if (!isForgettable(device)) continue
        const key = `${user}\0${device}`
        const at = this.#notedAt.get(key)
        if (at === undefined || at <= now - noteAgainMillis) devices.set(key, { user, device })
      }
      if (devices.size > 0) yield* this.#note(sql, devices, now)
    }
  )

  readonly #note = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, devices: ReadonlyMap<string, Device>, now: number) {
      const known = new Map<string, number>()
      const rows = yield* overRows<UseRow>(sql, {
        key: "device uses",
        types: ["text", "text"],
        template: (values) =>
          `SELECT u.user_id, u.device, u.used_at FROM (VALUES ${values}) AS v
           JOIN device_uses u ON u.user_id = v.column1 AND u.device = v.column2`
      }, Array.from(devices.values(), ({ device, user }) => [user, device]))
      for (const row of rows) known.set(`${row.user_id}\0${row.device}`, numbers(row).used_at)
      const sorted = Array.from(devices).toSorted(([a], [b]) => a < b ? -1 : 1)
      yield* overRows(sql, {
        key: "note device uses",
        types: ["text", "text", "int8"],
        template: (values) =>
          `INSERT INTO device_uses (user_id, device, used_at) VALUES ${values}
           ON CONFLICT (user_id, device) DO UPDATE SET used_at = excluded.used_at`
      }, sorted.map(([, { device, user }]) => [user, device, now]))
      if (this.#notedAt.size + devices.size > maxNoted) this.#notedAt.clear()
      for (const [key] of sorted) this.#notedAt.set(key, now)
      if (this.#max === 0) return
      const grown = new Map<UserId, Set<DeviceId>>()
      for (const [key, { device, user }] of sorted) {
        if ((known.get(key) ?? half) !== half) continue
        const mine = grown.get(user)
        if (mine === undefined) grown.set(user, new Set([device]))
        else mine.add(device)
      }
      for (const [user, inUse] of grown) yield* this.#makeRoom(sql, user, inUse)
    }
  )

  /** The surplus goes a step with each new device, so it cannot grow faster than it goes. */
  readonly #makeRoom = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, user: UserId, inUse: ReadonlySet<DeviceId>) {
      const rows = yield* sql<UseRow>`SELECT user_id, device, used_at FROM device_uses WHERE user_id = ${user}
        ORDER BY used_at, device`
      const surplus = Math.max(0, rows.length - this.#max)
      for (const { device } of rows.filter(({ device }) => !inUse.has(device)).slice(0, surplus)) {
        this.#notedAt.delete(`${user}\0${device}`)
        // Whatever is left of it is removed by the next new device, or by retention.
        if (!(yield* forget(sql, user, device))) {
          yield* sql`UPDATE device_uses SET used_at = ${half} WHERE user_id = ${user} AND device = ${device}`
        }
      }
    }
  )
}

/** Forgets the devices that were not used since `before`, in steps. */
export const forgetUnused = Effect.fnUntraced(function*(
  sql: Sql,
  before: number
): Effect.fn.Return<void, SqlError.SqlError> {
  while (true) {
    const [row] = yield* sql<UseRow>`SELECT user_id, device, used_at FROM device_uses WHERE used_at < ${before}
      ORDER BY used_at LIMIT 1`
    if (row === undefined) return
    yield* sql.withTransaction(forget(sql, row.user_id, row.device))
    yield* Effect.yieldNow
  }
})
