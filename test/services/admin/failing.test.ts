/** The admin API on a store that fails, and on one that stops in the middle of something. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { MessageStore, StoreError } from "../../../src/services/storage/MessageStore.ts"
import { access, adminAt, pathOf } from "../../support/adminApi.ts"
import { memoryWith } from "../../support/stores.ts"
import { TestServer, testServer } from "../../support/TestServer.ts"

/** A store that fails from its so-and-so-manieth commit on, if that is set. */
const failing = (until: { commits: number }) => {
  const away = new StoreError({ kind: "unavailable", message: "It is away." })
  const orAway =
    <A extends ReadonlyArray<unknown>, B>(call: (...args: A) => Effect.Effect<B, StoreError>) =>
    (...args: A): Effect.Effect<B, StoreError> => until.commits > 0 ? call(...args) : Effect.fail(away)
  return memoryWith((store) => ({
    check: Effect.suspend(() => until.commits > 0 ? store.check : Effect.fail(away)),
    commit: orAway((appends, moves, stamp) => {
      if (appends.length > 0) until.commits--
      return until.commits > 0 || appends.length === 0 ? store.commit(appends, moves, stamp) : Effect.fail(away)
    }),
    group: orAway(store.group),
    groupHead: orAway(store.groupHead),
    history: orAway(store.history),
    membership: orAway(store.membership)
  }))
}

describe("the admin API", () => {
  it.live("says 503 for whatever the store does not do, and does the rest when it is asked again", () => {
    const until = { commits: 100 }
    return Effect.gen(function*() {
      const admin = adminAt((yield* TestServer).port)
      yield* admin.post("/groups", { id: "tea", name: "tea", owner: "alice", members: ["bob"] })
      yield* admin.post("/messages", { sender: "alice", group: "tea", text: "hi" })
      const path = pathOf("group:tea")
      until.commits = 0
      const answers = yield* Effect.all([
        admin.post("/messages", { sender: "alice", recipient: "bob", text: "hi" }),
        admin.get(path),
        admin.delete(`${path}/2`),
        admin.post("/groups", { name: "tea", owner: "alice", members: [] }),
        admin.get("/groups/tea"),
        admin.patch("/groups/tea", { name: "Tee" }),
        admin.delete("/groups/tea"),
        admin.put("/groups/tea/members/carol"),
        admin.delete("/groups/tea/members/bob")
      ], { concurrency: "unbounded" })
      for (const [i, { body, status, type }] of answers.entries()) {
        assert.deepStrictEqual([status, body.code, type], [503, "unavailable", "application/problem+json"], `${i}`)
      }
    }).pipe(Effect.scoped, Effect.provide(testServer({ access, store: failing(until) })))
  })

  it.live("what is made of two changes is done when it is asked for again", () => {
    const until = { commits: 100 }
    return Effect.gen(function*() {
      const admin = adminAt((yield* TestServer).port)
      const store = yield* MessageStore
      yield* admin.post("/groups", { id: "tea", name: "tea", owner: "alice", members: ["bob"] })
      const path = "/groups/tea/members/alice"
      // The second of the two, with which bob would be alone.
      until.commits = 2
      assert.strictEqual((yield* admin.delete(path)).status, 503)
      until.commits = 100
      yield* store.check
      let answer = yield* admin.delete(path)
      while (answer.status === 503) answer = yield* admin.delete(path)
      assert.deepStrictEqual([answer.status, answer.body.members], [200, [{ user: "bob", role: "owner" }]])
      assert.strictEqual(answer.body.head_seq, 3)
    }).pipe(Effect.scoped, Effect.provide(Layer.fresh(testServer({ access, store: failing(until) }))))
  })
})
