/** What is written together, and who has their turn meanwhile. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { ConversationId } from "../../../src/domain/Ids.ts"
import type { CursorSource } from "../../../src/services/persistence/Cursors.ts"
import { PersistenceActor } from "../../../src/services/persistence/PersistenceActor.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore, StoreError } from "../../../src/services/storage/MessageStore.ts"
import { actors, makeRef, pass, story } from "../../support/actors.ts"
import { memoryWith } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

interface Commit {
  readonly turn: number
  readonly moves: number
}

/** In which turn of the event loop each commit of moves was. */
const noting = (commits: Array<Commit>) =>
  Layer.effect(
    MessageStore,
    Effect.gen(function*() {
      const store = yield* MessageStore
      let turn = 0
      let immediate = setImmediate(function next() {
        turn++
        immediate = setImmediate(next)
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => clearImmediate(immediate)))
      return {
        ...store,
        commit: (appends, moves) => {
          if (moves.length > 0) commits.push({ turn, moves: moves.length })
          return store.commit(appends, moves)
        }
      }
    })
  ).pipe(Layer.provide(MemoryMessageStore.layer()))

/** A connection with that many moves, and how many of them are handed over. */
const sourceOf = Effect.fnUntraced(function*(user: string, count: number) {
  const { ref } = yield* makeRef(user)
  let taken = 0
  const source: CursorSource = {
    ref,
    leaving: false,
    drainMoves: (take, most) => {
      for (let i = 0; i < most && taken < count; i++) {
        const conversation = ConversationId.make(`dm:busy:friend${taken++}`)
        const { device, user } = ref
        take({ source, asked: undefined, move: { kind: "received", conversation, user, device, upTo: 1 } })
      }
      return taken < count ? "more" : "done"
    },
    restore: () => void taken--,
    moveRejected: () => {}
  }
  return { source, left: () => count - taken }
})

describe("PersistenceActor", () => {
  it.effect("P6 thousands of moves of one connection are written in steps, and sockets have a turn between two", () => {
    const commits: Array<Commit> = []
    return Effect.gen(function*() {
      const { source } = yield* sourceOf("busy", 3_000)
      const persistence = yield* PersistenceActor
      persistence.enqueueCursors(source)
      yield* until(Effect.sync(() => commits.reduce((sum, { moves }) => sum + moves, 0) === 3_000))
      assert.isAbove(commits.length, 10)
      const turns = commits.map(({ turn }) => turn)
      assert.strictEqual(new Set(turns).size, turns.length)
    }).pipe(Effect.provide(actors({}, noting(commits))))
  })

  it.effect("P9 so are those of many connections which wait for theirs, each until all of its own are written", () => {
    const commits: Array<Commit> = []
    return Effect.gen(function*() {
      const { enqueueCursors, settle } = yield* PersistenceActor
      const sources = yield* Effect.forEach(Array.from({ length: 20 }, () => 300), (count) => sourceOf("busy", count))
      const few = yield* sourceOf("busy", 1)
      const others = yield* sourceOf("other", 1)
      const settled: Array<CursorSource> = []
      const waiting = yield* Effect.forEach([...sources, few], ({ left, source }) =>
        Effect.map(settle(source), () => {
          assert.strictEqual(left(), 0)
          settled.push(source)
        }), { concurrency: "unbounded" }).pipe(Effect.forkChild({ startImmediately: true }))
      enqueueCursors(others.source)
      yield* until(Effect.sync(() => others.left() === 0))
      assert.isBelow(commits.length, 5)
      yield* Fiber.join(waiting)
      assert.strictEqual(commits.reduce((sum, { moves }) => sum + moves, 0), 20 * 300 + 1 + 1)
      assert.isAtMost(Math.max(...commits.map(({ moves }) => moves)), 256)
      const turns = commits.map(({ turn }) => turn)
      assert.strictEqual(new Set(turns).size, turns.length)
      assert.strictEqual(settled[0], few.source)
    }).pipe(Effect.provide(actors({}, noting(commits))))
  })

  it.effect("P10 a stop waits for nobody's thousands one by one: they are written together, and who waits is told", () => {
    const commits: Array<Commit> = []
    return Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Layer.fresh(actors({}, noting(commits))), scope)
      const { enqueueCursors, settle } = Context.get(context, PersistenceActor)
      const { left, source } = yield* sourceOf("busy", 3_000)
      enqueueCursors(source)
      const waiting = yield* Effect.forkChild(Effect.flip(settle(source)), { startImmediately: true })
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Fiber.join(waiting)).code, "unavailable")
      assert.strictEqual(left(), 0)
      assert.strictEqual(commits.reduce((sum, { moves }) => sum + moves, 0), 3_000)
    })
  })

  for (const kind of ["overloaded", "unavailable"] as const) {
    let works = false
    const store = memoryWith((store) => ({
      commit: (...of) =>
        Effect.suspend(() => works ? store.commit(...of) : Effect.fail(new StoreError({ kind, message: "away" }))),
      check: Effect.suspend(() => works ? store.check : Effect.fail(new StoreError({ kind, message: "away" })))
    }))

    story(`nobody who waits is told that what the store did not take is written: ${kind}`, function*() {
      const { source, left } = yield* sourceOf("busy", 100)
      const persistence = yield* PersistenceActor
      const refused = yield* Effect.exit(persistence.settle(source))
      assert.isTrue(Exit.isFailure(refused))
      assert.strictEqual(left(), 100)
      works = true
      yield* pass("1 second")
      yield* until(Effect.map(Effect.exit(persistence.settle(source)), Exit.isSuccess))
      assert.strictEqual(left(), 0)
    }, actors({}, store))
  }
})
