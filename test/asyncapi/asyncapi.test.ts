/**
 * A client made of `/asyncapi.json` alone gets along with the server: it connects, what it says is taken, what answers it is
 * what the document says, and every frame that it hears is one of the document's. All kinds of frames are provoked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SignJWT } from "jose"
import { ApiRoutes } from "../../src/index.ts"
import * as JwtAuthenticator from "../../src/services/access/JwtAuthenticator.ts"
import * as JwtKeys from "../../src/services/access/JwtKeys.ts"
import { moodyFiles } from "../support/moodyFiles.ts"
import { startTestServer } from "../support/TestServer.ts"
import { connectAs, type DocumentClient, type Frame, protocolAt } from "./DocumentClient.ts"

const secret = "0123456789abcdef0123456789abcdef"

const tokenOf = (user: string, time: string) =>
  Effect.promise(() =>
    new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setSubject(user).setExpirationTime(time).sign(
      Buffer.from(secret)
    )
  )

const start = startTestServer({
  authenticator: Layer.orDie(JwtAuthenticator.layer({ keys: JwtKeys.fromSecret(secret) })),
  routes: ApiRoutes.layerDocs,
  files: moodyFiles().layer,
  directory: "all",
  push: true,
  settings: { heartbeatMillis: 400, reconnectSpreadMillis: 0 }
})

/** One conversation of two: what is said in it, about it and of it. */
const directly = Effect.fnUntraced(
  function*(alice: DocumentClient, bob: DocumentClient, ask: (type: string, fields?: object) => Effect.Effect<Frame>) {
    const toBob = { recipient: "bob" }
    const first = yield* ask("chat_message", { ...toBob, text: "one" })
    yield* ask("chat_message", { ...toBob, text: "two", reply_to: first["seq"], mentions: ["bob"], data: { a: [1] } })
    yield* bob.hears("incoming_message", ({ text }) => text === "two")
    yield* ask("edit_message", { ...toBob, seq: first["seq"], text: "three" })
    yield* bob.hears("message_edited")
    yield* ask("react", { ...toBob, seq: first["seq"], emoji: "👍" })
    yield* bob.hears("reaction")
    alice.say({ type: "typing", ...toBob, active: true })
    yield* bob.hears("typing")
    const { conversation } = first
    for (const type of ["received", "read"]) bob.say({ type, conversation, up_to: 2 })
    yield* alice.hears("receipt", ({ read }) => read === 2)
    yield* ask("history", { ...toBob, after: 0 })
    yield* ask("receipts", toBob)
    yield* ask("search", { query: "thr", ...toBob })
    yield* ask("conversations", { order: "recent", limit: 10 })
    yield* ask("delete_message", { ...toBob, seq: first["seq"] })
    yield* bob.hears("message_deleted")
    for (
      const [type, fields] of [["mute", { until: 1 }], ["unmute", {}], ["archive", {}], ["unarchive", {}], [
        "mark_unread",
        {}
      ]] as const
    ) {
      yield* ask(type, { ...toBob, ...fields })
    }
  }
)

const inGroup = Effect.fnUntraced(
  function*(bob: DocumentClient, carol: DocumentClient, ask: (type: string, fields?: object) => Effect.Effect<Frame>) {
    const { group } = yield* ask("create_group", { name: "tea", members: ["bob"] })
    yield* bob.hears("group_changed")
    const asked = { group }
    yield* ask("rename_group", { ...asked, name: "coffee" })
    yield* ask("set_group", { ...asked, description: "at five" })
    yield* ask("add_members", { ...asked, members: ["carol"] })
    yield* ask("set_role", { ...asked, user: "bob", role: "admin" })
    const said = yield* carol.ask("chat_message", { group, text: "rude" })
    yield* ask("report", { ...asked, seq: said["seq"], reason: "rude" })
    yield* bob.hears("message_reported")
    yield* ask("remove_members", { ...asked, members: ["carol"] })
    yield* ask("ban_members", { ...asked, members: ["mallory"], reason: "noise" })
    yield* ask("unban_members", { ...asked, members: ["mallory"] })
    const { invite } = yield* ask("create_invite", { ...asked, uses: 2 })
    yield* ask("invites", asked)
    yield* ask("join", { invite })
    yield* ask("revoke_invite", { invite })
    yield* ask("group_info", asked)
    // The last owner cannot leave.
    yield* ask("set_role", { ...asked, user: "bob", role: "owner" })
    yield* ask("leave_group", asked)
  }
)

const ofOneself = Effect.fnUntraced(
  function*(alice: DocumentClient, ask: (type: string, fields?: object) => Effect.Effect<Frame>) {
    yield* ask("subscribe_presence", { users: ["bob"] })
    alice.say({ type: "unsubscribe_presence", users: ["bob"] })
    yield* ask("set_profile", { name: "Alice" })
    yield* ask("profiles", { users: ["alice", "bob"] })
    yield* ask("find_users", { prefix: "al" })
    yield* ask("settings", { read_privately: false })
    yield* ask("push_subscribe")
    yield* ask("push_unsubscribe", { subscription: { endpoint: "https://push.example.com/1" } })
    yield* ask("block", { user: "mallory" })
    yield* ask("blocked_users")
    yield* ask("unblock", { user: "mallory" })
    yield* ask("ping")
    // One that is refused.
    const refused = yield* ask("history", { group: "nothing", after: 0 })
    assert.strictEqual(refused.type, "error")
  }
)

describe("a client of /asyncapi.json alone", () => {
  it.live("gets along, and every frame of the document is said by the one side or the other", () =>
    Effect.gen(function*() {
      const { port, stop } = yield* start
      const protocol = yield* protocolAt(port)
      const said = new Set<string>()
      const come = Effect.fnUntraced(function*(user: string, time = "1h", level: "all" | "plain" = "all") {
        const client = yield* connectAs(port, protocol, { token: yield* tokenOf(user, time) }, level)
        if (level === "all") yield* client.hears("welcome")
        const ask = (type: string, fields?: object) =>
          Effect.tap(client.ask(type, fields), (answer) =>
            Effect.sync(() => {
              said.add(type)
              // A frame that is only ever refused is not tried.
              if (type !== "history") assert.notStrictEqual(answer.type, "error", `${type}: ${JSON.stringify(answer)}`)
            }))
        return { client, ask }
      })
      const alice = yield* come("alice")
      const bob = yield* come("bob")
      const plain = yield* come("bob", "1h", "plain")
      yield* directly(alice.client, bob.client, alice.ask)
      const carol = yield* come("carol", "50s")
      yield* inGroup(bob.client, carol.client, alice.ask)
      yield* ofOneself(alice.client, alice.ask)
      yield* carol.client.hears("auth_expiring")
      yield* carol.ask("refresh_auth", { token: yield* tokenOf("carol", "1h") })
      yield* alice.client.hears("ping")
      yield* plain.client.hears("incoming_message")
      yield* Effect.forkScoped(stop)
      yield* bob.client.hears("draining")
      const codes = yield* Effect.forEach([alice, bob, carol, plain], ({ client }) => client.closed)
      for (const code of codes) assert.isTrue(protocol.closes(code), String(code))

      const clients = [alice, bob, carol, plain].map(({ client }) => client)
      assert.deepStrictEqual(clients.flatMap(({ faults }) => faults), [])
      const heard = new Set(clients.flatMap(({ heard }) => heard.map(({ type }) => type)))
      assert.sameMembers([...heard], [...protocol.serverTypes])
      const unanswered = ["received", "read", "typing", "unsubscribe_presence"]
      assert.sameMembers([...said, ...unanswered], [...protocol.clientTypes])
    }).pipe(Effect.orDie, Effect.scoped))
})
