/** `/asyncapi.json` is AsyncAPI, says what docs/protocol.md says, and what is said on sockets fits it. */
import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { clientFrames } from "../../../src/domain/ClientFrame.ts"
import * as CloseCode from "../../../src/domain/CloseCode.ts"
import { serverFrames } from "../../../src/domain/ServerFrame.ts"
import { asyncApi } from "../../../src/services/http/AsyncApi.ts"
import { root } from "../../support/ServerProcess.ts"
import { connect } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

interface Described {
  readonly servers: { readonly [name: string]: { readonly protocol: string; readonly pathname?: string } }
  readonly channels: { readonly chat: { readonly "x-close-codes": ReadonlyArray<object> } }
  readonly operations: {
    readonly [name: string]: {
      readonly action: string
      readonly reply?: { readonly messages: ReadonlyArray<{ readonly $ref: string }> }
    }
  }
  readonly components: { readonly messages: { readonly [name: string]: { readonly payload: object } } }
}

// As programs get it.
const described = JSON.parse(JSON.stringify(asyncApi(""))) as Described

const ajv = new Ajv({ allErrors: true, strictTypes: false })

const validators = new Map(
  Object.entries(described.components.messages).map(([name, { payload }]) => [name, ajv.compile(payload)])
)

/** What is wrong with a frame of this side. */
const faults = (side: "client" | "server", frame: { readonly type: string }): string => {
  const fits = validators.get(`${side}_${frame.type}`)
  assert.isDefined(fits, `${side}_${frame.type}`)
  return fits!(frame) ? "" : `${JSON.stringify(frame)}: ${ajv.errorsText(fits!.errors)}`
}

describe("/asyncapi.json", () => {
  it("is a document that the AsyncAPI parser takes, also under a path", () => {
    for (const base of ["", "/chat"]) {
      // The parser does not load under the conditions that these tests have for packages.
      const said = execFileSync(process.execPath, [`${root}test/support/parseAsyncApi.ts`], {
        input: JSON.stringify(asyncApi(base)),
        encoding: "utf8"
      })
      assert.deepStrictEqual(JSON.parse(said), { faults: [], version: "3.0.0", paths: [base, base] })
    }
  })

  it("has every frame, and answers as docs/protocol.md has them", () => {
    const expected = [
      ...Object.keys(clientFrames).map((type) => `client_${type}`),
      ...Object.keys(serverFrames).map((type) => `server_${type}`)
    ]
    assert.sameMembers(Object.keys(described.components.messages), expected)
    const page = readFileSync(`${root}docs/protocol.md`, "utf8").split("## Client frames\n")[1]!.split("\n## ")[0]!
    const rows = Array.from(page.matchAll(/^\| `(\w+)` +\| .* \| ([^|]*)\|$/gm), ([, type, answer]) => [type!, answer!])
    assert.sameMembers(rows.map(([type]) => type!), Object.keys(clientFrames))
    for (const [type, cell] of rows) {
      const { action, reply } = described.operations[`client_${type}`]!
      assert.strictEqual(action, "receive")
      const documented = /`(\w+)`/.exec(cell!.replace("none", ""))?.[1]
      const names = reply!.messages.map(({ $ref }) => $ref.split("/").at(-1)!)
      assert.deepStrictEqual(
        names,
        [...(documented === undefined ? [] : [`server_${documented}`]), "server_error"],
        type
      )
    }
  })

  it("has every close code", () => {
    const codes = CloseCode.all.map(({ code, reason, reconnect }) => ({ code, reason, reconnect }))
    assert.deepStrictEqual(described.channels.chat["x-close-codes"], codes)
  })

  it("takes what the server takes, and not what it refuses", () => {
    const long = "x".repeat(65)
    const good = [
      { type: "chat_message", recipient: "bob", text: "hi", more: 1 },
      { type: "chat_message", recipient: "bob", text: "hi", mentions: ["bob"], data: { a: [null, { b: 1 }] } },
      { type: "chat_message", group: "g", text: "hi", mentions: ["@all"] },
      { type: "history", group: "g", after: 0, limit: 100 },
      { type: "search", query: "" },
      { type: "search", query: "tea", group: "g", before_at: 1, cursor: "A" },
      { type: "set_profile", name: "", avatar: "", status: "Away" },
      { type: "find_users", prefix: " " },
      { type: "ping" }
    ]
    const bad = [
      { type: "chat_message", text: "hi" },
      { type: "chat_message", recipient: "bob", group: "g", text: "hi" },
      { type: "chat_message", recipient: "bob" },
      { type: "chat_message", recipient: "no user", text: "hi" },
      { type: "chat_message", recipient: "bob", text: "hi", id: long },
      { type: "chat_message", recipient: "bob", text: "hi", data: [] },
      { type: "chat_message", recipient: "bob", text: "hi", data: "x" },
      { type: "chat_message", recipient: "bob", text: "hi", mentions: [] },
      { type: "history", recipient: "bob" },
      { type: "history", recipient: "bob", before: 1, after: 1 },
      { type: "history", recipient: "bob", after: 0, limit: 101 },
      { type: "received", conversation: "dm:a:b", up_to: 1.5 },
      { type: "search" },
      { type: "search", query: long.repeat(20) },
      { type: "search", query: "tea", recipient: "bob", group: "g" },
      { type: "search", query: "tea", has: "picture" },
      { type: "subscribe_presence", users: [] },
      { type: "profiles", users: [] },
      { type: "profiles", users: Array.from({ length: 101 }, (_, i) => `u${i}`) },
      { type: "find_users", prefix: "" },
      { type: "find_users", prefix: "x".repeat(129) },
      { type: "find_users", prefix: "x", limit: 101 }
    ]
    for (const frame of good) assert.strictEqual(faults("client", frame), "")
    for (const frame of bad) assert.notStrictEqual(faults("client", frame), "", JSON.stringify(frame))
  })

  served("fits what is said on sockets, in both directions", function*(port) {
    const alice = yield* connect({ port, user: "alice", level: "v1", device: "a" })
    const bob = yield* connect({ port, user: "bob", level: "v1", device: "b" })
    const plain = yield* connect({ port, user: "bob" })
    const say = Effect.fnUntraced(function*(frame: { readonly type: string; readonly [field: string]: unknown }) {
      assert.strictEqual(faults("client", frame), "")
      return yield* alice.ask(frame)
    })
    const toBob = { recipient: "bob" }
    alice.send({ type: "subscribe_presence", users: ["bob"] })
    yield* alice.waitFor("presence")
    yield* say({ type: "chat_message", ...toBob, text: "one" })
    yield* say({ type: "chat_message", ...toBob, text: "two", reply_to: 1, mentions: ["bob"], data: { a: [1] } })
    yield* say({ type: "edit_message", ...toBob, seq: 1, text: "three", data: { b: "c" } })
    yield* say({ type: "react", ...toBob, seq: 1, emoji: "👍" })
    yield* say({ type: "delete_message", ...toBob, seq: 2 })
    alice.send({ type: "typing", ...toBob, active: true })
    yield* bob.waitFor("typing")
    const made = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
    yield* say({ type: "rename_group", group: made.group, name: "coffee" })
    yield* say({ type: "set_role", group: made.group, user: "bob", role: "admin" })
    yield* say({ type: "chat_message", group: made.group, text: "all" })
    yield* say({ type: "group_info", group: made.group })
    yield* bob.waitFor("incoming_message", ({ text }) => text === "all")
    bob.send({ type: "read", conversation: made.conversation, up_to: 1 })
    yield* alice.waitFor("receipt", ({ read }) => read === 1)
    for (const where of [toBob, { group: made.group }]) {
      yield* say({ type: "history", ...where, after: 0 })
      yield* say({ type: "receipts", ...where })
    }
    yield* say({ type: "search", query: "all", ...toBob })
    yield* say({ type: "search", query: "\"all\"", sender: "alice", has: "link", limit: 1 })
    yield* say({ type: "search", query: "al" })
    yield* say({ type: "conversations" })
    yield* say({ type: "conversations", order: "recent", limit: 10 })
    yield* say({ type: "set_profile", name: "Alice 👩‍🚀", status: "Here" })
    yield* say({ type: "profiles", users: ["alice", "bob", "nobody"] })
    assert.strictEqual((yield* say({ type: "find_users", prefix: "al", limit: 5 })).type, "users_found")
    yield* say({ type: "mute", ...toBob, until: 1, mentions: true })
    yield* say({ type: "unmute", group: made.group })
    yield* say({ type: "archive", ...toBob })
    yield* say({ type: "unarchive", ...toBob })
    yield* say({ type: "mark_unread", ...toBob })
    yield* say({ type: "settings", read_privately: false })
    yield* say({ type: "push_subscribe" })
    yield* say({ type: "push_unsubscribe", subscription: { endpoint: "https://push.example.com/1" } })
    yield* say({ type: "block", user: "mallory" })
    yield* say({ type: "unblock", user: "mallory" })
    yield* say({ type: "blocked_users" })
    yield* say({ type: "refresh_auth", token: "none" })
    yield* say({ type: "history", group: "unknown", after: 0 })
    yield* say({ type: "set_group", group: made.group, description: "at five" })
    const invite = yield* alice.ask({ type: "create_invite", group: made.group, uses: 1 }, "invite")
    yield* say({ type: "invites", group: made.group })
    yield* say({ type: "join", invite: invite.invite })
    yield* say({ type: "ban_members", group: made.group, members: ["mallory"], reason: "noise" })
    yield* say({ type: "group_info", group: made.group })
    const rude = yield* alice.ask({ type: "chat_message", group: made.group, text: "rude" }, "message_accepted")
    const carol = yield* connect({ port, user: "carol", level: "v1" })
    yield* say({ type: "add_members", group: made.group, members: ["carol"] })
    const said = yield* carol.ask({ type: "chat_message", group: made.group, text: "rude" }, "message_accepted")
    yield* say({ type: "report", group: made.group, seq: said.seq, reason: "rude" })
    yield* bob.waitFor("message_reported", ({ seq }) => seq === said.seq)
    yield* say({ type: "delete_message", group: made.group, seq: said.seq })
    yield* say({ type: "delete_message", group: made.group, seq: rude.seq })
    yield* say({ type: "unban_members", group: made.group, members: ["mallory"] })
    yield* say({ type: "revoke_invite", invite: invite.invite })
    yield* say({ type: "leave_group", group: made.group })
    yield* say({ type: "ping" })
    const heard = [...alice.heard, ...bob.heard, ...plain.heard]
    for (const frame of heard) assert.strictEqual(faults("server", frame), "")
    // What is missing needs time to pass, or an end.
    const rare = ["authenticated", "auth_expiring", "ping", "draining"]
    assert.sameMembers([...new Set(heard.map(({ type }) => type)), ...rare], Object.keys(serverFrames))
  }, { directory: "all", push: true })
})
