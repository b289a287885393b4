/** Groups over real sockets: what people do with them, and what they must not. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { connect, type ConnectOptions, type TestClient } from "../support/TestClient.ts"
import { TestServer, testServer } from "../support/TestServer.ts"

const served = <A, E>(effect: Effect.Effect<A, E, TestServer | Scope.Scope>, settings = {}) =>
  effect.pipe(Effect.scoped, Effect.provide(testServer({ settings })))

const join = Effect.fnUntraced(function*(user: string, options: Partial<ConnectOptions> = {}) {
  const { port } = yield* TestServer
  return yield* connect({ port, user, level: "v1", ...options })
})

interface Question {
  readonly type: string
  readonly [field: string]: unknown
}

/** Asks and returns the direct answer, or the code of the error. */
const ask = Effect.fnUntraced(function*(client: TestClient, frame: Question) {
  const asked = { id: `ask-${Math.random()}`, ...frame }
  client.send(asked)
  while (true) {
    const answer = yield* client.next
    if ("id" in answer && answer.id === asked.id) return answer
  }
})

const codeOf = Effect.fnUntraced(function*(client: TestClient, frame: Question) {
  const answer = yield* ask(client, frame)
  return answer.type === "error" ? answer.code : answer.type
})

const createGroup = Effect.fnUntraced(function*(client: TestClient, name: string, members: ReadonlyArray<string>) {
  const info = yield* ask(client, { type: "create_group", name, members })
  assert.strictEqual(info.type, "group_info", JSON.stringify(info))
  return info.type === "group_info" ? info : assert.fail()
})

describe("groups", () => {
  it.live("created, written to, everyone has the same order, who was away gets it all", () =>
    served(Effect.gen(function*() {
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
      const page = yield* ask(carol, { type: "history", group, after: 0 })
      assert.deepStrictEqual(page.type === "history_page" && page.messages.map(({ seq }) => seq), [1, 2, 3])
    })))

  it.live("P3 a retry of create_group is the same group; other content under the id is id_conflict", () =>
    served(Effect.gen(function*() {
      const alice = yield* join("alice")
      alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
      const first = yield* alice.waitFor("group_info")
      alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
      const second = yield* alice.waitFor("group_info")
      assert.deepStrictEqual(second, first)
      alice.send({ type: "create_group", id: "g", name: "coffee", members: ["bob"] })
      assert.strictEqual((yield* alice.waitFor("error")).code, "id_conflict")
    })))

  it.live("P3 a retry of any change is made once, whatever the group is like by then", () =>
    served(Effect.gen(function*() {
      const alice = yield* join("alice")
      const bob = yield* join("bob")
      const { group } = yield* createGroup(alice, "tea", ["bob"])
      const changes = [
        { type: "add_members", group, members: ["carol"], id: "add" },
        { type: "set_role", group, user: "bob", role: "owner", id: "role" },
        { type: "rename_group", group, name: "coffee", id: "name" },
        { type: "remove_members", group, members: ["carol"], id: "remove" }
      ]
      for (const change of changes) assert.strictEqual(yield* codeOf(alice, change), "group_info", change.id)
      // Carol is out, bob takes the role away, and each retry still means what it meant then.
      yield* ask(bob, { type: "set_role", group, user: "alice", role: "member" })
      const now = yield* ask(alice, { type: "group_info", group })
      for (const change of changes) {
        const { id: _, ...again } = yield* ask(alice, change)
        assert.deepStrictEqual({ ...again, id: undefined }, { ...now, id: undefined } as never, change.id)
      }
      assert.strictEqual(yield* codeOf(alice, { ...changes[0], members: ["dave"] } as never), "id_conflict")
      assert.strictEqual(yield* codeOf(alice, { ...changes[0], id: "other" } as never), "forbidden")
      assert.strictEqual(yield* codeOf(alice, { type: "leave_group", group, id: "leave" }), "group_info")
      for (const change of changes) assert.strictEqual(yield* codeOf(alice, change), "not_a_member", change.id)
    })))

  it.live("P3 who is out gets the answer to what they said while they were in, and says nothing more", () =>
    served(Effect.gen(function*() {
      const alice = yield* join("alice")
      const bob = yield* join("bob")
      const { group } = yield* createGroup(alice, "tea", ["bob"])
      const said = { type: "chat_message", group, text: "hello", id: "1" }
      const first = yield* ask(bob, said)
      assert.strictEqual(first.type, "message_accepted")
      yield* ask(alice, { type: "remove_members", group, members: ["bob"] })
      assert.deepStrictEqual(yield* ask(bob, said), { ...first, duplicate: true } as never)
      assert.strictEqual(yield* codeOf(bob, { ...said, text: "other" }), "id_conflict")
      assert.strictEqual(yield* codeOf(bob, { ...said, id: "2" }), "not_a_member")
      const dave = yield* join("dave")
      assert.strictEqual(yield* codeOf(dave, said), "not_found")
      assert.strictEqual(yield* codeOf(dave, { ...said, group: "nowhere" }), "not_found")
      const page = yield* ask(alice, { type: "history", group, after: 0 })
      assert.deepStrictEqual(page.type === "history_page" && page.messages.map(({ kind }) => kind), [
        "group",
        "text",
        "group"
      ])
    })))

  it.live("P8 who is removed loses live messages, history and resume at once, on every device", () =>
    served(Effect.gen(function*() {
      const alice = yield* join("alice")
      const phone = yield* join("bob", { device: "phone" })
      const web = yield* join("bob", { device: "web" })
      const { conversation, group } = yield* createGroup(alice, "tea", ["bob"])
      yield* phone.expect("group_changed")
      yield* web.expect("group_changed")
      yield* ask(alice, { type: "remove_members", group, members: ["bob"] })
      for (const client of [phone, web]) {
        const farewell = yield* client.waitFor("group_changed")
        assert.deepStrictEqual(farewell.change, { action: "members_removed", members: ["bob"] as never })
      }
      yield* ask(alice, { type: "chat_message", group, text: "without bob" })
      assert.strictEqual(yield* codeOf(phone, { type: "chat_message", group, text: "let me" }), "not_a_member")
      assert.strictEqual(yield* codeOf(phone, { type: "history", group, after: 0 }), "not_a_member")
      assert.strictEqual(yield* codeOf(web, { type: "receipts", conversation }), "not_a_member")
      const list = yield* ask(web, { type: "conversations" })
      assert.deepStrictEqual(list.type === "conversation_list" && list.conversations, [])
      phone.close()
      const again = yield* join("bob", { device: "phone" })
      assert.strictEqual(yield* codeOf(again, { type: "ping" }), "pong")
      for (const frame of [...(yield* again.rest), ...(yield* web.rest)]) {
        assert.notInclude(JSON.stringify(frame), "without bob")
      }
    })))

  it.live("a new member sees from when they joined, or all where the group is set so", () =>
    served(Effect.gen(function*() {
      const alice = yield* join("alice")
      for (const [history, first] of [["joined", 3], ["all", 1]] as const) {
        alice.send({ type: "create_group", id: history, name: history, members: [], history })
        const { group } = yield* alice.waitFor("group_info")
        yield* ask(alice, { type: "chat_message", group, text: "before" })
        yield* ask(alice, { type: "add_members", group, members: ["carol"] })
        yield* ask(alice, { type: "chat_message", group, text: "after" })
        const carol = yield* join("carol", { device: history })
        const page = yield* ask(carol, { type: "history", group, after: 0 })
        assert.strictEqual(page.type === "history_page" && page.messages[0]?.seq, first, history)
      }
    })))

  it.live("bad input: each its code, and the group stays as it was", () =>
    served(
      Effect.gen(function*() {
        const alice = yield* join("alice")
        const bob = yield* join("bob")
        const mallory = yield* join("mallory")
        const { group } = yield* createGroup(alice, "tea", ["bob"])
        const cases: ReadonlyArray<readonly [TestClient, Question, string]> = [
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
          [alice, {
            type: "create_group",
            name: "x",
            members: Array.from({ length: 5 }, (_, i) => `u${i}`)
          }, "forbidden"],
          [alice, { type: "block", user: "alice" }, "invalid_target"],
          [
            alice,
            { type: "subscribe_presence", users: Array.from({ length: 501 }, (_, i) => `u${i}`) },
            "invalid_frame"
          ]
        ]
        for (const [client, frame, code] of cases) {
          assert.strictEqual(yield* codeOf(client, frame), code, JSON.stringify(frame))
        }
        const info = yield* ask(alice, { type: "group_info", group })
        assert.deepStrictEqual(info.type === "group_info" && [info.name, info.members.length, info.head_seq], [
          "tea",
          2,
          1
        ])
      }),
      { maxGroupMembers: 4 }
    ))

  it.live("roles: an admin manages members and not owners; an owner leaves when there is another", () =>
    served(Effect.gen(function*() {
      const alice = yield* join("alice")
      const bob = yield* join("bob")
      const { group } = yield* createGroup(alice, "tea", ["bob", "carol"])
      yield* ask(alice, { type: "set_role", group, user: "bob", role: "admin" })
      assert.strictEqual(yield* codeOf(bob, { type: "remove_members", group, members: ["alice"] }), "forbidden")
      assert.strictEqual(yield* codeOf(bob, { type: "remove_members", group, members: ["carol"] }), "group_info")
      assert.strictEqual(yield* codeOf(bob, { type: "rename_group", group, name: "coffee" }), "group_info")
      assert.strictEqual(yield* codeOf(alice, { type: "leave_group", group }), "forbidden")
      yield* ask(alice, { type: "set_role", group, user: "bob", role: "owner" })
      assert.strictEqual(yield* codeOf(alice, { type: "leave_group", group }), "group_info")
      const info = yield* ask(bob, { type: "group_info", group })
      assert.deepStrictEqual(
        info.type === "group_info" && [info.name, ...info.members.map(({ role, user }) => `${user} ${role}`)],
        ["coffee", "bob owner"]
      )
    })))

  it.live("receipts are pushed in small groups and told on request", () =>
    served(Effect.gen(function*() {
      const alice = yield* join("alice")
      const bob = yield* join("bob")
      const { conversation, group } = yield* createGroup(alice, "tea", ["bob"])
      yield* bob.expect("group_changed")
      yield* ask(alice, { type: "chat_message", group, text: "hi" })
      yield* bob.expect("incoming_message")
      bob.send({ type: "read", conversation, up_to: 2 })
      const receipt = yield* alice.waitFor("receipt")
      assert.deepStrictEqual([receipt.conversation, receipt.user, receipt.read], [conversation, "bob", 2])
      const list = yield* ask(alice, { type: "receipts", group })
      assert.deepStrictEqual(
        list.type === "receipt_list" && list.receipts.find(({ user }) => (user as string) === "bob"),
        {
          user: "bob" as never,
          delivered: 2,
          read: 2
        }
      )
    })))
})
