/** What is written together, and who has their turn meanwhile. */
import { assert, describe } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { ConversationId } from "../../../src/domain/Ids.ts"
import type { CursorSource } from "../../../src/services/persistence/Cursors.ts"
import { PersistenceActor } from "../../../src/services/persistence/PersistenceActor.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { actors, makeRef, story } from "../../support/actors.ts"
import { until } from "../../support/until.ts"

/** In which turn of the event loop each commit of moves was. */
const noting = (commits: Array<{ readonly turn: number; readonly moves: number }>) =>
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

describe("PersistenceActor", () => {
  const commits: Array<{ readonly turn: number; readonly moves: number }> = []

  story(
    "P6 thousands of moves of one connection are written in steps, and sockets have a turn between two",
    function*() {
      const { ref } = yield* makeRef("busy")
      const count = 3_000
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
        restore: () => assert.fail("The store takes all of them."),
        moveRejected: () => {}
      }
      const persistence = yield* PersistenceActor
      persistence.enqueueCursors(source)
      yield* until(Effect.sync(() => commits.reduce((sum, { moves }) => sum + moves, 0) === count))
      assert.isAbove(commits.length, 10)
      const turns = commits.map(({ turn }) => turn)
      assert.strictEqual(new Set(turns).size, turns.length)
    },
    actors({}, noting(commits))
  )
})
