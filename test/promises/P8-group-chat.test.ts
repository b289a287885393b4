/** Groups over real sockets: what people do with them, and what they must not. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { connect, type ConnectOptions, type TestClient } from "../support/TestClient.ts"
import { served, TestServer } from "../support/TestServer.ts"

const join = Effect.fnUntraced(function*(user: string, options: Partial<ConnectOptions> = {}) {
  const { port } = yield* TestServer
  return yield* connect({ port, user, level: "v1", ...options })
})

const createGroup = Effect.fnUntraced(function*(client: TestClient, name: string, members: ReadonlyArray<string>) {
  return yield* client.ask({ type: "create_group", name, members }, "group_info")
})

describe("groups", () => {
  served("created, written to, everyone has the same order, who was away gets it all", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob", { device: "phone" })
    const { conversation, group, members } = yield* createGroup(alice, "tea", ["bob", "carol"])
    assert.deepStrictEqual(members.map(({ role, user }) => `${user} ${role}`), [
      "alice owner",
      "bob member",
      "carol member"
    ])
    const created = yield* bob.expect("group_changed")
    assert.deepStrictEqual([created.seq, created.by, created.change.action], [1, "alice", "created"])
    alice.send({ type: "chat_message", group, text: "one", id: "1" })
    bob.send({ type: "chat_message", conversation, text: "two", id: "2" })
    const carol = yield* join("carol")
    const seen = []
    while (seen.length < 3) {
      const frame = yield* carol.next
      if ("seq" in frame && frame.type !== "message_accepted") seen.push([frame.type, frame.seq])
    }
    assert.deepStrictEqual(seen, [["group_changed", 1], ["incoming_message", 2], ["incoming_message", 3]])
    const page = yield* carol.ask({ type: "history", group, after: 0 }, "history_page")
    assert.deepStrictEqual(page.messages.map(({ seq }) => seq), [1, 2, 3])
  })

  served("P3 a retry of create_group is the same group; other content under the id is id_conflict", function*() {
    const alice = yield* join("alice")
    alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
    const first = yield* alice.waitFor("group_info")
    alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
    const second = yield* alice.waitFor("group_info")
    assert.deepStrictEqual(second, first)
    alice.send({ type: "create_group", id: "g", name: "coffee", members: ["bob"] })
    assert.strictEqual((yield* alice.waitFor("error")).code, "id_conflict")
  })

  served("P3 a retry of any change is made once, whatever the group is like by then", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    const { group } = yield* createGroup(alice, "tea", ["bob"])
    const changes = [
      { type: "add_members", group, members: ["carol"], id: "add" },
      { type: "set_role", group, user: "bob", role: "owner", id: "role" },
      { type: "rename_group", group, name: "coffee", id: "name" },
      { type: "remove_members", group, members: ["carol"], id: "remove" }
    ]
    for (const change of changes) assert.strictEqual(yield* alice.code(change), "group_info", change.id)
    // Carol is out, bob takes the role away, and each retry still means what it meant then.
    yield* bob.ask({ type: "set_role", group, user: "alice", role: "member" })
    const now = yield* alice.ask({ type: "group_info", group })
    for (const change of changes) {
      const { id: _, ...again } = yield* alice.ask(change, "group_info")
      assert.deepStrictEqual<unknown>({ ...again, id: undefined }, { ...now, id: undefined }, change.id)
    }
    assert.strictEqual(yield* alice.code({ ...changes[0], members: ["dave"] }), "id_conflict")
    assert.strictEqual(yield* alice.code({ ...changes[0], id: "other" }), "forbidden")
    assert.strictEqual(yield* alice.code({ type: "leave_group", group, id: "leave" }), "group_info")
    for (const change of changes) assert.strictEqual(yield* alice.code(change), "not_a_member", change.id)
  })

  served("P3 who is out gets the answer to what they said while they were in, and says nothing more", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    const { group } = yield* createGroup(alice, "tea", ["bob"])
    const said = { type: "chat_message", group, text: "hello", id: "1" }
    const first = yield* bob.ask(said)
    assert.strictEqual(first.type, "message_accepted")
    yield* alice.ask({ type: "remove_members", group, members: ["bob"] })
    assert.deepStrictEqual<unknown>(yield* bob.ask(said), { ...first, duplicate: true })
    assert.strictEqual(yield* bob.code({ ...said, text: "other" }), "id_conflict")
    assert.strictEqual(yield* bob.code({ ...said, id: "2" }), "not_a_member")
    const dave = yield* join("dave")
    assert.strictEqual(yield* dave.code(said), "not_found")
    assert.strictEqual(yield* dave.code({ ...said, group: "nowhere" }), "not_found")
    const page = yield* alice.ask({ type: "history", group, after: 0 }, "history_page")
    assert.deepStrictEqual(page.messages.map(({ kind }) => kind), [
      "group",
      "text",
      "group"
    ])
  })

  served("P8 who is removed loses live messages, history and resume at once, on every device", function*() {
    const alice = yield* join("alice")
    const phone = yield* join("bob", { device: "phone" })
    const web = yield* join("bob", { device: "web" })
    const { conversation, group } = yield* createGroup(alice, "tea", ["bob"])
    yield* phone.expect("group_changed")
    yield* web.expect("group_changed")
    yield* alice.ask({ type: "remove_members", group, members: ["bob"] })
    for (const client of [phone, web]) {
      const farewell = yield* client.waitFor("group_changed")
      assert.deepStrictEqual(farewell.change, { action: "members_removed", members: ["bob"] as never })
    }
    yield* alice.ask({ type: "chat_message", group, text: "without bob" })
    assert.strictEqual(yield* phone.code({ type: "chat_message", group, text: "let me" }), "not_a_member")
    assert.strictEqual(yield* phone.code({ type: "history", group, after: 0 }), "not_a_member")
    assert.strictEqual(yield* web.code({ type: "receipts", conversation }), "not_a_member")
    const list = yield* web.ask({ type: "conversations" }, "conversation_list")
    assert.deepStrictEqual(list.conversations, [])
    phone.close()
    const again = yield* join("bob", { device: "phone" })
    assert.strictEqual(yield* again.code({ type: "ping" }), "pong")
    for (const frame of [...again.take(), ...web.take()]) {
      assert.notInclude(JSON.stringify(frame), "without bob")
    }
  })

  served("a new member sees from when they joined, or all where the group is set so", function*() {
    const alice = yield* join("alice")
    for (const [history, first] of [["joined", 3], ["all", 1]] as const) {
      alice.send({ type: "create_group", id: history, name: history, members: [], history })
      const { group } = yield* alice.waitFor("group_info")
      yield* alice.ask({ type: "chat_message", group, text: "before" })
      yield* alice.ask({ type: "add_members", group, members: ["carol"] })
      yield* alice.ask({ type: "chat_message", group, text: "after" })
      const carol = yield* join("carol", { device: history })
      const page = yield* carol.ask({ type: "history", group, after: 0 }, "history_page")
      assert.strictEqual(page.messages[0]?.seq, first, history)
    }
  })

  served("bad input: each its code, and the group stays as it was", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    const mallory = yield* join("mallory")
    const { group } = yield* createGroup(alice, "tea", ["bob"])
    const cases: ReadonlyArray<readonly [TestClient, object, string]> = [
      [mallory, { type: "chat_message", group, text: "x" }, "not_found"],
      [mallory, { type: "chat_message", group: "nothing", text: "x" }, "not_found"],
      [mallory, { type: "group_info", group }, "not_found"],
      [mallory, { type: "history", group, after: 0 }, "not_found"],
      [mallory, { type: "history", group: "nothing", after: 0 }, "not_found"],
      [mallory, { type: "receipts", group }, "not_found"],
      [mallory, { type: "typing", group, active: true }, "not_found"],
      [mallory, { type: "received", conversation: `group:${group}`, up_to: 1 }, "not_found"],
      [mallory, { type: "add_members", group, members: ["mallory"] }, "not_found"],
      [mallory, { type: "leave_group", group }, "not_found"],
      [bob, { type: "add_members", group, members: ["carol"] }, "forbidden"],
      [bob, { type: "remove_members", group, members: ["alice"] }, "forbidden"],
      [bob, { type: "rename_group", group, name: "mine" }, "forbidden"],
      [bob, { type: "set_role", group, user: "bob", role: "owner" }, "forbidden"],
      [alice, { type: "set_role", group, user: "bob", role: "king" }, "invalid_frame"],
      [alice, { type: "set_role", group, user: "zoe", role: "admin" }, "not_found"],
      [alice, { type: "set_role", group, user: "alice", role: "member" }, "forbidden"],
      [alice, { type: "add_members", group, members: ["bob"] }, "invalid_target"],
      [alice, { type: "add_members", group, members: ["alice"] }, "invalid_target"],
      [alice, { type: "add_members", group, members: ["carol", "carol"] }, "invalid_frame"],
      [alice, { type: "add_members", group, members: ["not a user"] }, "invalid_frame"],
      [alice, { type: "add_members", group, members: [] }, "invalid_frame"],
      [alice, { type: "add_members", group, members: Array.from({ length: 3 }, (_, i) => `u${i}`) }, "forbidden"],
      [alice, { type: "remove_members", group, members: ["zoe"] }, "not_found"],
      [alice, { type: "remove_members", group, members: ["alice"] }, "invalid_target"],
      [alice, { type: "rename_group", group, name: "" }, "invalid_frame"],
      [alice, { type: "rename_group", group, name: "x".repeat(10_000) }, "invalid_frame"],
      [alice, { type: "rename_group", group, name: "evil\u202Eeman" }, "invalid_frame"],
      [alice, { type: "leave_group", group }, "forbidden"],
      [alice, { type: "create_group", name: "x", members: Array.from({ length: 5 }, (_, i) => `u${i}`) }, "forbidden"],
      [alice, { type: "block", user: "alice" }, "invalid_target"],
      [alice, { type: "subscribe_presence", users: Array.from({ length: 501 }, (_, i) => `u${i}`) }, "invalid_frame"]
    ]
    for (const [client, frame, code] of cases) {
      assert.strictEqual(yield* client.code(frame), code, JSON.stringify(frame))
    }
    const info = yield* alice.ask({ type: "group_info", group }, "group_info")
    assert.deepStrictEqual([info.name, info.members.length, info.head_seq], [
      "tea",
      2,
      1
    ])
  }, { settings: { maxGroupMembers: 4 } })

  served("roles: an admin manages members and not owners; an owner leaves when there is another", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    const { group } = yield* createGroup(alice, "tea", ["bob", "carol"])
    yield* alice.ask({ type: "set_role", group, user: "bob", role: "admin" })
    assert.strictEqual(yield* bob.code({ type: "remove_members", group, members: ["alice"] }), "forbidden")
    assert.strictEqual(yield* bob.code({ type: "remove_members", group, members: ["carol"] }), "group_info")
    assert.strictEqual(yield* bob.code({ type: "rename_group", group, name: "coffee" }), "group_info")
    assert.strictEqual(yield* alice.code({ type: "leave_group", group }), "forbidden")
    yield* alice.ask({ type: "set_role", group, user: "bob", role: "owner" })
    assert.strictEqual(yield* alice.code({ type: "leave_group", group }), "group_info")
    const info = yield* bob.ask({ type: "group_info", group }, "group_info")
    assert.deepStrictEqual(
      [info.name, ...info.members.map(({ role, user }) => `${user} ${role}`)],
      ["coffee", "bob owner"]
    )
  })

  served("receipts are pushed in small groups and told on request", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    const { conversation, group } = yield* createGroup(alice, "tea", ["bob"])
    yield* bob.expect("group_changed")
    yield* alice.ask({ type: "chat_message", group, text: "hi" })
    yield* bob.expect("incoming_message")
    bob.send({ type: "read", conversation, up_to: 2 })
    const receipt = yield* alice.waitFor("receipt")
    assert.deepStrictEqual([receipt.conversation, receipt.user, receipt.read], [conversation, "bob", 2])
    const list = yield* alice.ask({ type: "receipts", group }, "receipt_list")
    assert.deepStrictEqual(
      list.receipts.find(({ user }) => (user as string) === "bob"),
      {
        user: "bob" as never,
        delivered: 2,
        read: 2
      }
    )
  })
})
