/** P8: what is decided on one server holds on all of them, at once. */
import { assert, describe, layer } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { statusesOf, watch } from "../support/clusterLaws.ts"
import { hears, textsOf } from "../support/clusterPeople.ts"
import { eventually } from "../support/eventually.ts"
import { during, House } from "../support/house.ts"
import { hasPostgres } from "../support/postgres.ts"
import { connect, open } from "../support/TestClient.ts"

const options = { excludeTestServices: true, timeout: "2 minutes" } as const

describe.skipIf(!hasPostgres)("rights on several servers", () => {
  layer(House.layer({ bus: "postgres" }), options)("rights", (it) => {
    it.effect("P2 two servers change a group at once: each change is judged by what was before it", () =>
      Effect.gen(function*() {
        const { alice, allIsWell, bob, group, people, whileTalking } = yield* House
        yield* Effect.orDie(alice.client.setRole(group, "bob", "admin"))
        yield* whileTalking(
          "two servers change a group at once",
          Effect.forEach(
            [alice, bob],
            ({ client, user }) =>
              Effect.forEach(Array.from({ length: 20 }), (_, i) =>
                Effect.exit(
                  i % 3 === 0
                    ? client.renameGroup(group, `${user} ${i}`)
                    : i % 3 === 1
                    ? client.addMembers(group, [`guest${i}`])
                    : client.removeMembers(group, [`guest${i - 1}`])
                ), { concurrency: 2 }),
            { concurrency: 2 }
          ),
          20
        )
        const groups = yield* Effect.forEach(people, ({ client }) => Effect.orDie(client.groupInfo(group)))
        // Who is kept out is told to those who manage the group alone.
        for (const { banned: _, id: __, ...info } of groups) {
          const { banned: _, id: __, ...first } = groups[0]!
          assert.deepStrictEqual(info, first)
        }
        const changes = bob.runs.flatMap(({ events }) => events).filter(({ type }) => type === "group_changed")
        const seqs = changes.map(({ seq }) => seq)
        assert.deepStrictEqual(seqs, [...new Set(seqs)].sort((x, y) => x - y))
        yield* allIsWell
      }))

    it.effect("P8 who was taken out on one server cannot speak on another, and an admin no more is none anywhere", () =>
      Effect.gen(function*() {
        const { a, alice, allIsWell, b, bob, c, whileTalking } = yield* House
        yield* whileTalking(
          "members taken out elsewhere",
          Effect.gen(function*() {
            const owner = yield* connect({ port: b.port, user: "alice", level: "v1" })
            const dora = yield* connect({ port: a.port, user: "dora", level: "v1" })
            const { group } = yield* owner.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
            for (let i = 0; i < 8; i++) {
              yield* owner.ask({ type: "add_members", group, members: ["dora"] }, "group_info")
              assert.strictEqual(
                yield* dora.code({ type: "chat_message", group, text: `let me in ${i}` }),
                "message_accepted"
              )
              yield* owner.ask({ type: "remove_members", group, members: ["dora"] }, "group_info")
              assert.strictEqual(yield* dora.code({ type: "chat_message", group, text: "let me out" }), "not_a_member")
            }
            yield* owner.ask({ type: "set_role", group, user: "bob", role: "admin" }, "group_info")
            const admin = yield* connect({ port: c.port, user: "bob", level: "v1" })
            yield* admin.ask({ type: "add_members", group, members: ["guest"] }, "group_info")
            yield* owner.ask({ type: "set_role", group, user: "bob", role: "member" }, "group_info")
            assert.strictEqual(yield* admin.code({ type: "remove_members", group, members: ["guest"] }), "forbidden")
          }),
          20
        )
        for (const person of [alice, bob]) {
          assert.notInclude(textsOf(person), "let me out")
          yield* hears(person, "let me in 7")
        }
        yield* allIsWell
      }))

    it.effect("P8 a ticket that one server made opens another's door, once", () =>
      Effect.gen(function*() {
        const { a, b, c } = yield* House
        const ticket = yield* Effect.promise(() =>
          fetch(`http://127.0.0.1:${a.port}/v1/tickets`, {
            method: "POST",
            headers: { "content-type": "application/json", "phone-number": "dora" },
            body: "{}"
          }).then((response) => response.json() as Promise<{ ticket: string }>)
        )
        const ask = (port: number) => open({ port, level: "v1", query: `ticket=${ticket.ticket}` })
        const dora = yield* Effect.orDie(Effect.mapError(ask(b.port), JSON.stringify))
        assert.strictEqual((yield* dora.expect("welcome")).user, "dora")
        for (const node of [b, c, a]) assert.strictEqual((yield* Effect.flip(ask(node.port))).status, 401)
      }).pipe(Effect.scoped))

    it.effect("P8 a kick, a ban and its end are felt on all servers", () =>
      Effect.gen(function*() {
        const { a, b, c } = yield* House
        const come = (port: number) => connect({ port, user: "dora", level: "v1" })
        const [first, second] = [yield* come(b.port), yield* come(c.port)]
        yield* a.admin("admin/kick", { user: "dora" })
        assert.deepStrictEqual([yield* first.closed, yield* second.closed], [4503, 4503])
        const [third, fourth] = [yield* come(b.port), yield* come(c.port)]
        yield* a.admin("admin/ban", { user: "dora" })
        assert.deepStrictEqual([yield* third.closed, yield* fourth.closed], [4503, 4503])
        for (const node of [a, b, c]) {
          assert.strictEqual((yield* Effect.flip(open({ port: node.port, user: "dora", level: "v1" }))).status, 403)
          assert.strictEqual((yield* node.admin("admin/bans")).bans.length, 1)
        }
        yield* c.admin("admin/lift", { user: "dora" })
        for (const node of [a, b]) {
          yield* eventually(Effect.map(node.admin("admin/bans"), ({ bans }) => bans.length === 0))
          yield* come(node.port)
        }
      }).pipe(Effect.scoped))

    it.effect("P8 a device that comes to another server ends its older connection there at once, and no other", () =>
      Effect.gen(function*() {
        const { a, b, c } = yield* House
        const come = (port: number, device: string) => connect({ port, user: "dora", device, level: "v1" })
        const desk = yield* come(a.port, "desk")
        let last = yield* come(a.port, "phone")
        for (const node of [b, c, a, b]) {
          const at = yield* Clock.currentTimeMillis
          const next = yield* come(node.port, "phone")
          assert.strictEqual(yield* last.closed, 4509)
          assert.isBelow((yield* Clock.currentTimeMillis) - at, 10_000)
          last = next
        }
        yield* during(200)
        assert.deepStrictEqual([last.ws.readyState, desk.ws.readyState], [1, 1])
      }).pipe(Effect.scoped))

    it.effect("receipts, typing and who is there are seen on other servers", () =>
      Effect.gen(function*() {
        const { alice, bob, c, say } = yield* House
        const { conversation, seq } = yield* Effect.orDie(say(alice, { recipient: "bob" }, "do you see this?"))
        yield* hears(bob, "do you see this?")
        yield* bob.client.read(conversation, seq)
        yield* eventually(Effect.sync(() => alice.live.some((event) => event.type === "receipt" && event.read === seq)))
        yield* bob.client.typing({ recipient: "alice" }, true)
        yield* eventually(
          Effect.sync(() => alice.live.some((event) => event.type === "typing" && event.user === "bob"))
        )
        const watcher = yield* watch(c, "wanda", ["alice", "bob", "carol"])
        yield* eventually(Effect.sync(() => Object.values(statusesOf(watcher)).join() === "online,online,online"))
      }).pipe(Effect.scoped))
  })
})
