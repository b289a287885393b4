/** Groups as the admin API makes them. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { access, adminAt, pathOf } from "../../support/adminApi.ts"
import { connect } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

const comes = (port: number, user: string) => connect({ port, user, level: "v1" })

const tea = { name: "tea", owner: "alice", members: ["bob"], id: "tea-room" }
const inTea = [{ user: "alice", role: "owner" }, { user: "bob", role: "member" }]

describe("groups of the admin API", () => {
  served("P3 begins a group once, and its members hear of it", function*(port) {
    const admin = adminAt(port)
    const people = [yield* comes(port, "alice"), yield* comes(port, "bob")]
    const { body, status } = yield* admin.post("/groups", tea)
    const info = {
      group: "tea-room",
      conversation: "group:tea-room",
      name: "tea",
      members: inTea,
      head_seq: 1,
      history: "joined"
    }
    assert.deepStrictEqual<unknown>([status, body], [201, info])
    for (const each of people) {
      const { by, change, seq } = yield* each.expect("group_changed")
      assert.deepStrictEqual<unknown>([by, seq, change], ["@system", 1, {
        action: "created",
        name: "tea",
        members: inTea
      }])
    }
    // However it is written down.
    for (const again of [tea, { ...tea, members: ["alice", "bob"], history: "joined" }]) {
      const { body, status, type } = yield* admin.post("/groups", again)
      assert.deepStrictEqual<unknown>({ status, type, body }, { status: 201, type: "application/json", body: info })
    }
    for (
      const other of [{ ...tea, name: "tee" }, { ...tea, owner: "bob" }, { ...tea, members: ["carol"] }, {
        ...tea,
        history: "all"
      }]
    ) {
      const refused = yield* admin.post("/groups", other)
      assert.deepStrictEqual([refused.status, refused.body.code], [409, "id_conflict"])
    }
    assert.deepStrictEqual((yield* admin.get("/groups/tea-room")).body, info)
    // They are as good as any: the owner may change it.
    assert.strictEqual(yield* people[0]!.code({ type: "rename_group", group: "tea-room", name: "tee" }), "group_info")
    const { body: second } = yield* admin.post("/groups", { name: "tea", owner: "carol", members: [], history: "all" })
    assert.deepStrictEqual([second.history, second.members], ["all", [{ user: "carol", role: "owner" }]])
    assert.match(second.group, /^[A-Za-z0-9_-]{22}$/)
  }, { access })

  served("an id that a client's group has is taken", function*(port) {
    const admin = adminAt(port)
    const { group } = yield* (yield* comes(port, "alice")).ask(
      { type: "create_group", name: "tea", members: [] },
      "group_info"
    )
    assert.strictEqual((yield* admin.post("/groups", { ...tea, members: [], id: group })).status, 409)
  }, { access })

  served("renames, adds, gives roles and takes out; what is so already is no entry", function*(port) {
    const admin = adminAt(port)
    yield* admin.post("/groups", tea)
    const carol = yield* comes(port, "carol")
    const changes = Effect.map(
      admin.get(pathOf("group:tea-room")),
      ({ body }) => body.messages.map(({ change, sender }: any) => `${sender} ${change.action}`)
    )
    const renamed = yield* admin.patch("/groups/tea-room", { name: "Tee" })
    assert.deepStrictEqual([renamed.status, renamed.body.name], [200, "Tee"])
    assert.strictEqual((yield* admin.patch("/groups/tea-room", { name: "Tee" })).body.head_seq, 2)
    assert.strictEqual((yield* admin.put("/groups/tea-room/members/carol", { role: "admin" })).body.head_seq, 4)
    for (const body of [{ role: "admin" }, {}, undefined]) {
      const { body: { head_seq, members }, status } = yield* admin.put("/groups/tea-room/members/carol", body)
      assert.deepStrictEqual([status, head_seq, members.at(-1)], [200, 4, { user: "carol", role: "admin" }])
    }
    assert.strictEqual((yield* admin.put("/groups/tea-room/members/dave")).body.members.at(-1).role, "member")
    const { body } = yield* admin.delete("/groups/tea-room/members/carol")
    assert.deepStrictEqual(body.members.map(({ user }: any) => user), ["alice", "bob", "dave"])
    assert.deepStrictEqual((yield* admin.delete("/groups/tea-room/members/carol")).body, body)
    assert.deepStrictEqual(
      yield* changes,
      [
        "created",
        "renamed",
        "members_added",
        "role_set",
        "members_added",
        "members_removed"
      ].map((action) => `@system ${action}`)
    )
    // From the moment when she was in until she was out, and nothing after it.
    yield* admin.post("/messages", { sender: "bob", group: "tea-room", text: "gone?" })
    yield* carol.ask({ type: "ping" })
    assert.deepStrictEqual(carol.all("group_changed").map(({ seq }) => seq), [3, 4, 5, 6])
    assert.deepStrictEqual(carol.texts, [])
    assert.strictEqual(yield* carol.code({ type: "chat_message", group: "tea-room", text: "hi" }), "not_a_member")
  }, { access })

  served("a group keeps an owner: the last one's goes to who is in longest, and is not given up", function*(port) {
    const admin = adminAt(port)
    yield* admin.post("/groups", tea)
    yield* admin.put("/groups/tea-room/members/aaron")
    const demoted = yield* admin.put("/groups/tea-room/members/alice", { role: "member" })
    assert.deepStrictEqual([demoted.status, demoted.body.code], [409, "conflict"])
    const { body } = yield* admin.delete("/groups/tea-room/members/alice")
    assert.deepStrictEqual(body.members, [{ user: "aaron", role: "member" }, { user: "bob", role: "owner" }])
    yield* admin.put("/groups/tea-room/members/aaron", { role: "admin" })
    yield* admin.put("/groups/tea-room/members/alice")
    // An admin goes before a member.
    const second = yield* admin.delete("/groups/tea-room/members/bob")
    assert.deepStrictEqual(second.body.members, [{ user: "aaron", role: "owner" }, { user: "alice", role: "member" }])
    yield* admin.delete("/groups/tea-room/members/aaron")
    const last = yield* admin.delete("/groups/tea-room/members/alice")
    assert.deepStrictEqual([last.status, last.body.members], [200, []])
    assert.strictEqual((yield* admin.get("/groups/tea-room")).status, 404)
  }, { access })

  served("also where everything may be seen, who is in longest is who came first", function*(port) {
    const admin = adminAt(port)
    yield* admin.post("/groups", { ...tea, history: "all", members: [] })
    for (const user of ["zoe", "aaron"]) yield* admin.put(`/groups/tea-room/members/${user}`)
    const { body } = yield* admin.delete("/groups/tea-room/members/alice")
    assert.deepStrictEqual(body.members, [{ user: "aaron", role: "member" }, { user: "zoe", role: "owner" }])
  }, { access })

  served("P8 a group that is deleted is nobody's; its log stays", function*(port) {
    const admin = adminAt(port)
    yield* admin.post("/groups", tea)
    const bob = yield* comes(port, "bob")
    yield* admin.post("/messages", { sender: "alice", group: "tea-room", text: "last words" })
    assert.strictEqual((yield* admin.delete("/groups/tea-room")).status, 204)
    assert.deepStrictEqual<unknown>(
      (yield* bob.waitFor("group_changed", ({ change }) => change.action === "members_removed")).change,
      { action: "members_removed", members: ["bob", "alice"] }
    )
    assert.strictEqual((yield* admin.delete("/groups/tea-room")).status, 204)
    const { messages } = (yield* admin.get(pathOf("group:tea-room"))).body
    assert.deepStrictEqual(messages.map(({ kind, text }: any) => text ?? kind), ["group", "last words", "group"])
    for (const method of ["get", "put", "patch"] as const) {
      const path = method === "put" ? "/groups/tea-room/members/bob" : "/groups/tea-room"
      const { body, status } = yield* admin[method](path, { name: "x" })
      assert.deepStrictEqual([status, body.code], [404, "not_found"], method)
    }
    assert.strictEqual((yield* admin.post("/groups", tea)).status, 409)
    assert.strictEqual((yield* admin.post("/groups", { ...tea, name: "other" })).status, 409)
    assert.strictEqual(yield* bob.code({ type: "group_info", group: "tea-room" }), "not_a_member")
    for (const path of ["/groups/nowhere", "/groups/constructor"]) {
      assert.deepStrictEqual(
        [
          (yield* admin.get(path)).status,
          (yield* admin.delete(path)).status,
          (yield* admin.delete(`${path}/members/a`)).status
        ],
        [404, 404, 404]
      )
    }
  }, { access })

  served(
    "a large group is deleted in steps, the owner last; its size is bounded for administrators too",
    function*(port) {
      const admin = adminAt(port)
      const names = Array.from({ length: 1_024 }, (_, i) => `u${i}`)
      assert.strictEqual((yield* admin.post("/groups", { ...tea, members: [...names, "one-more"] })).status, 400)
      assert.strictEqual((yield* admin.post("/groups", { ...tea, members: names })).status, 201)
      for (const user of ["v", "w"]) {
        assert.strictEqual(
          (yield* admin.put(`/groups/tea-room/members/${user}`)).status,
          200
        )
      }
      const full = yield* admin.put("/groups/tea-room/members/x")
      assert.deepStrictEqual([full.status, full.body.code], [409, "conflict"])
      assert.include(full.body.detail, "1027")
      assert.strictEqual((yield* admin.delete("/groups/tea-room")).status, 204)
      const { messages } = (yield* admin.get(`${pathOf("group:tea-room")}?after=3&limit=10`)).body
      assert.deepStrictEqual(messages.map(({ change }: any) => change.members.length), [1_024, 3])
      assert.strictEqual(messages.at(-1).change.members.at(-1), "alice")
      const many = { ...tea, id: "small", members: names.slice(0, 20) }
      assert.strictEqual((yield* admin.post("/groups", many)).status, 201)
    },
    { access, settings: { maxGroupMembers: 1_027 } }
  )

  served("quotas and blocks of users do not stand in an administrator's way", function*(port) {
    const admin = adminAt(port)
    const bob = yield* comes(port, "bob")
    yield* bob.ask({ type: "block", user: "alice" })
    assert.strictEqual((yield* admin.post("/groups", { ...tea, members: ["bob", "carol", "dave"] })).status, 201)
    for (const user of ["e", "f", "g"]) {
      assert.strictEqual((yield* admin.put(`/groups/tea-room/members/${user}`)).status, 200)
    }
  }, { access, settings: { maxAdditionsPerHour: 1, maxAdditionsOfUserPerHour: 1 } })

  served("many at once, also of one group", function*(port) {
    const admin = adminAt(port)
    const ids = Array.from({ length: 100 }, (_, i) => `g${i}`)
    const all = <A>(effects: ReadonlyArray<Effect.Effect<A>>) => Effect.all(effects, { concurrency: "unbounded" })
    const made = yield* all(ids.map((id) => admin.post("/groups", { ...tea, id })))
    assert.deepStrictEqual(new Set(made.map(({ status }) => status)), new Set([201]))
    const put = yield* all(ids.map((user) => admin.put(`/groups/g0/members/${user}`, { role: "admin" })))
    assert.deepStrictEqual(new Set(put.map(({ status }) => status)), new Set([200]))
    assert.lengthOf((yield* admin.get("/groups/g0")).body.members, 102)
    const [gone] = yield* all([
      admin.delete("/groups/g0"),
      ...ids.map((user) => admin.delete(`/groups/g0/members/${user}`))
    ])
    assert.strictEqual(gone?.status, 204)
    assert.strictEqual((yield* admin.get("/groups/g0")).status, 404)
  }, { access })

  served("P9 whatever else is sent is refused with a sentence", function*(port) {
    const admin = adminAt(port)
    yield* admin.post("/groups", tea)
    const other = { ...tea, id: "other" }
    const bad: ReadonlyArray<readonly ["post" | "patch" | "put", string, object | string, number]> = [
      ["post", "/groups", "", 400],
      ["post", "/groups", "[", 400],
      ["post", "/groups", "null", 400],
      ["post", "/groups", {}, 400],
      ["post", "/groups", { ...other, name: "" }, 400],
      ["post", "/groups", { ...other, name: "x".repeat(101) }, 400],
      ["post", "/groups", { ...other, name: "a\u202eb" }, 400],
      ["post", "/groups", { ...other, owner: "@system" }, 400],
      ["post", "/groups", { ...other, owner: ["alice"] }, 400],
      ["post", "/groups", { ...other, members: "bob" }, 400],
      ["post", "/groups", { ...other, members: ["bob", "bob"] }, 400],
      ["post", "/groups", { ...other, members: ["@system"] }, 400],
      ["post", "/groups", { ...other, members: [{ user: "bob" }] }, 400],
      ["post", "/groups", { ...other, members: Array.from({ length: 5_000 }, (_, i) => `u${i}`) }, 400],
      ["post", "/groups", { ...other, members: Array.from({ length: 10_000 }, (_, i) => `u${i}`) }, 413],
      ["post", "/groups", { ...other, history: "none" }, 400],
      ["post", "/groups", { ...other, id: "" }, 400],
      ["post", "/groups", { ...other, id: "a b" }, 400],
      ["post", "/groups", { ...other, id: "x".repeat(65) }, 400],
      ["patch", "/groups/tea-room", {}, 400],
      ["patch", "/groups/tea-room", { name: " " }, 400],
      ["patch", "/groups/tea-room", { name: 7 }, 400],
      ["patch", "/groups/tea%20room", { name: "x" }, 400],
      ["patch", "/groups/group%3Atea-room", { name: "x" }, 400],
      ["put", "/groups/tea-room/members/%40system", {}, 400],
      ["put", "/groups/tea-room/members/carol", { role: "king" }, 400],
      ["put", "/groups/tea-room/members/carol", [], 400],
      ["put", "/groups/tea-room/members/carol", { role: null }, 400]
    ]
    for (const [method, path, body, status] of bad) {
      const answer = yield* admin[method](path, body)
      const said = `${method} ${path} ${JSON.stringify(body).slice(0, 100)}`
      assert.strictEqual(answer.status, status, said)
      assert.deepStrictEqual([answer.type, typeof answer.body.detail], ["application/problem+json", "string"], said)
    }
    assert.deepStrictEqual((yield* admin.get("/groups/tea-room")).body.members, inTea)
    assert.strictEqual((yield* admin.get("/groups/other")).status, 404)
  }, { access })
})
