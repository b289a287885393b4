/** P7: of the connections of one named device on several servers the newest stays, and none ends its own successor. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { DeviceId, UserId } from "../../../src/domain/Ids.ts"
import type { ClusterService } from "../../../src/services/cluster/Cluster.ts"
import { Attendances } from "../../../src/services/server/Attendances.ts"
import type { Session } from "../../../src/services/session/Session.ts"
import type { StoreError } from "../../../src/services/storage/MessageStore.ts"

const user = UserId.make("ann")
const device = DeviceId.make("phone")

/** One connection here; `elsewhere` is the newest of its device on other servers. */
const stage = Effect.fnUntraced(function*(order: number | undefined) {
  const place = yield* Deferred.make<number, StoreError>()
  const told: Array<unknown> = []
  const closed: Array<number> = []
  const elsewhere: { newest: number | undefined; changed: () => void } = { newest: undefined, changed: () => {} }
  const session = {
    user,
    device,
    named: true,
    origin: { address: "", connectedAt: 0, order },
    tell: (message) => void (message._tag === "Close" && closed.push(message.code.code))
  } as Partial<Session> as Session
  const cluster = {
    attend: (_, attendance) => void told.push(attendance?.devices?.[device]),
    newest: () => elsewhere.newest,
    onAttendance: (listener) => void (elsewhere.changed = () => listener(user, { silentMillis: 0, isNoted: false }))
  } as Partial<ClusterService> as ClusterService
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const attendances = new Attendances({
    cluster,
    journal: { nextOrder: Deferred.await(place) },
    sessionsOf: () => [session],
    run: (effect) => void run(effect)
  })
  attendances.arrived(session)
  const answer = (order: number) => Effect.andThen(Deferred.succeed(place, order), Effect.yieldNow)
  return { answer, closed, elsewhere, told }
})

describe("Attendances", () => {
  it.effect("a connection ends when its device has come to another server after it", () =>
    Effect.gen(function*() {
      const { closed, elsewhere, told } = yield* stage(5)
      assert.deepStrictEqual(told, [5])
      elsewhere.newest = 4
      elsewhere.changed()
      assert.deepStrictEqual(closed, [])
      elsewhere.newest = 6
      elsewhere.changed()
      assert.deepStrictEqual(closed, [4509])
    }))

  it.effect("a place that the store tells late is that of the connection, where nobody came elsewhere meanwhile", () =>
    Effect.gen(function*() {
      const { answer, closed, elsewhere, told } = yield* stage(undefined)
      assert.deepStrictEqual(told, [undefined])
      yield* answer(7)
      assert.deepStrictEqual(told, [undefined, 7])
      assert.deepStrictEqual(closed, [])
      elsewhere.newest = 8
      elsewhere.changed()
      assert.deepStrictEqual(closed, [4509])
    }))

  it.effect("a place that is told late ends nobody who came elsewhere meanwhile: who is left here comes back", () =>
    Effect.gen(function*() {
      const { answer, closed, elsewhere, told } = yield* stage(undefined)
      elsewhere.newest = 6
      elsewhere.changed()
      yield* answer(7)
      assert.deepStrictEqual(told, [undefined])
      assert.deepStrictEqual(closed, [1001])
    }))
})
