/** Bans on several servers that share a store: each hears of what another was told, and forgets nothing of its own. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { BanList } from "../../../src/services/access/BanList.ts"
import { Bans } from "../../../src/services/admission/Bans.ts"
import { type Ban, MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { actors, pass, settle, startUser, story } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { memoryWith } from "../../support/stores.ts"

/** A store of which one reading of the bans waits until it is let go. */
const waiting = (held: { gate: Deferred.Deferred<void> | undefined }) =>
  memoryWith((store) => ({
    bans: Effect.flatMap(store.bans, (bans) => {
      const { gate } = held
      held.gate = undefined
      return gate === undefined ? Effect.succeed(bans) : Effect.as(Deferred.await(gate), bans)
    })
  }))

const isClosed = ({ closedWith }: MemoryConnection) => closedWith?.code === 4503

describe("Bans", () => {
  story("a ban that another server renewed ends the connections here, and one that has run out ends none", function*() {
    const store = yield* MessageStore
    yield* Bans
    const bob = yield* startUser("bob", { level: "v1" })
    yield* settle
    yield* store.putBan({ kind: "user", id: "bob", at: -10, until: -5 })
    yield* pass("5 seconds")
    bob.connection.pong()
    assert.isFalse(isClosed(bob.connection))
    yield* store.putBan({ kind: "user", id: "bob", at: 1_000, until: 60_000 })
    yield* pass("5 seconds")
    assert.isTrue(isClosed(bob.connection))
  })

  it.effect("what was banned or lifted here while the store was being read stands", () => {
    const held: { gate: Deferred.Deferred<void> | undefined } = { gate: undefined }
    return Effect.gen(function*() {
      const bans = yield* Bans
      yield* settle
      yield* bans.ban({ kind: "user", id: "carol" })
      const gate = yield* Deferred.make<void>()
      held.gate = gate
      yield* pass("5 seconds")
      assert.isUndefined(held.gate)
      yield* bans.ban({ kind: "user", id: "bob" })
      yield* bans.lift({ kind: "user", id: "carol" })
      yield* Deferred.succeed(gate, undefined)
      yield* settle
      const list = yield* BanList
      const names = (all: ReadonlyArray<Ban>) => all.map(({ id }) => id)
      assert.deepStrictEqual(names(list.list(0)), ["bob"])
      yield* pass("5 seconds")
      assert.deepStrictEqual(names(list.list(0)), ["bob"])
    }).pipe(Effect.provide(actors({}, waiting(held))))
  })
})
