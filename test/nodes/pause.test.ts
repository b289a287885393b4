/** P4, P8: a server that stands still for longer than others wait for it goes on where they are by then. */
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { statusesOf, watch } from "../support/clusterLaws.ts"
import { hears, isReady } from "../support/clusterPeople.ts"
import { eventually } from "../support/eventually.ts"
import { House } from "../support/house.ts"
import { hasPostgres } from "../support/postgres.ts"
import { connect } from "../support/TestClient.ts"

const options = { excludeTestServices: true, timeout: "2 minutes" } as const

describe.skipIf(!hasPostgres)("a server stands still", () => {
  layer(House.layer({ bus: "postgres" }), options)("SIGSTOP", (it) => {
    it.effect("P5 P8 until it is taken for dead: it catches up, and a device that was replaced meanwhile is ended", () =>
      Effect.gen(function*() {
        const { a, alice, allIsWell, b, bob, c, group, people, say, whileTalking } = yield* House
        yield* Effect.orDie(alice.client.addMembers(group, ["dora", "wanda"]))
        const old = yield* connect({ port: a.port, user: "dora", device: "phone", level: "v1" })
        const watcher = yield* watch(c, "wanda", ["dora", "alice"])
        yield* eventually(Effect.sync(() => statusesOf(watcher)["dora"] === "online"))
        const lost = [b, c].map((node) => node.count("Node.lost"))
        const joined = [b, c].map((node) => node.count("Node.joined"))
        yield* whileTalking(
          "a server stands still for 10 s",
          Effect.gen(function*() {
            yield* a.pause
            for (const [i, node] of [b, c].entries()) yield* node.logs("Node.lost", lost[i]! + 1)
            const young = yield* connect({ port: b.port, user: "dora", device: "phone", level: "v1" })
            yield* say(bob, { recipient: "dora" }, "are you there?")
            yield* young.waitFor("incoming_message", ({ text }) => text === "are you there?")
            yield* a.resume
            assert.strictEqual(yield* old.closed, 4509)
            for (const [i, node] of [b, c].entries()) yield* node.logs("Node.joined", joined[i]! + 1)
            for (const person of people) yield* isReady(person)
            yield* say(alice, { recipient: "bob" }, "where were we?")
            yield* hears(bob, "where were we?")
            yield* young.ask({ type: "chat_message", recipient: "alice", text: "at the station" }, "message_accepted")
            yield* hears(alice, "at the station")
            assert.strictEqual(young.ws.readyState, young.ws.OPEN)
          }),
          50
        )
        yield* allIsWell
      }).pipe(Effect.scoped))
  })
})
