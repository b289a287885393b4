/** Every endpoint of the admin API once through the typed client: what it answers fits what it says that it answers. */
import { assert, describe } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { ClientId, GroupId, UserId } from "../../../src/domain/Ids.ts"
import { Api } from "../../../src/services/api/Api.ts"
import { ApiError } from "../../../src/services/api/ApiError.ts"
import { access, adminClient } from "../../support/adminApi.ts"
import { upload as uploadFile } from "../../support/fileApi.ts"
import { moodyFiles } from "../../support/moodyFiles.ts"
import { connect } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

const [alice, bob, carol] = [UserId.make("alice"), UserId.make("bob"), UserId.make("carol")]
const tea = GroupId.make("tea")

type Client = Effect.Success<ReturnType<typeof adminClient>>

/** The client, which notes what was called. */
const noting = (client: Client, called: Set<string>): Client => {
  const group = (name: string, endpoints: object) =>
    new Proxy(endpoints, {
      get: (all, endpoint) => {
        called.add(`${name}.${String(endpoint)}`)
        return Reflect.get(all, endpoint)
      }
    })
  return new Proxy(client, {
    get: (all, name) => group(String(name), Reflect.get(all, name))
  })
}

describe("the admin API through the typed client", () => {
  served("has every endpoint", function*(port) {
    const called = new Set<string>()
    const client = noting(yield* adminClient(port), called)

    const sent = yield* client.messages.send({
      payload: { sender: alice, recipient: bob, text: "hello", id: ClientId.make("one") }
    })
    const conversation = Conversation.direct(alice, bob)
    assert.deepStrictEqual([sent.conversation, sent.seq], [conversation, 1])
    assert.lengthOf((yield* client.messages.history({ params: { conversation }, query: {} })).messages, 1)
    const found = yield* client.messages.search({ query: { query: "hel" } })
    assert.deepStrictEqual(found.hits.map(({ ranges, seq }) => [seq, ranges]), [[1, [[0, 5]]]])
    yield* client.messages.remove({ params: { conversation, seq: 1 }, payload: { reason: "tried" } })

    yield* client.groups.create({ payload: { id: tea, name: "Tea", owner: alice, members: [bob] } })
    const params = { group: tea }
    assert.strictEqual((yield* client.groups.rename({ params, payload: { name: "Tee" } })).name, "Tee")
    yield* client.groups.putMember({ params: { group: tea, user: carol }, payload: { role: "admin" } })
    yield* client.groups.removeMember({ params: { group: tea, user: bob } })
    assert.lengthOf((yield* client.groups.get({ params })).members, 2)
    const ofDave = { group: tea, user: UserId.make("dave") }
    const kept = yield* client.groups.ban({ params: ofDave, payload: { reason: "noise" } })
    assert.deepStrictEqual(kept.banned, [{ user: ofDave.user, reason: "noise" }])
    assert.isUndefined((yield* client.groups.unban({ params: ofDave })).banned)
    const { invite } = yield* client.groups.invite({ params, payload: { uses: 2 } })
    assert.deepStrictEqual((yield* client.groups.invites({ params })).invites, [{ invite, group: tea, uses_left: 2 }])
    yield* client.groups.revokeInvite({ params: { group: tea, invite } })
    assert.deepStrictEqual((yield* client.groups.invites({ params })).invites, [])
    yield* client.groups.remove({ params })
    assert.deepStrictEqual((yield* client.reports.list({ query: { state: "open" } })).reports, [])
    const noReport = yield* Effect.flip(client.reports.close({ params: { report: 1 } }))
    assert.instanceOf(noReport, ApiError)

    const named = yield* client.users.putProfile({
      params: { user: alice },
      payload: { name: "Alice", status: "Away" }
    })
    assert.deepStrictEqual([named.name, named.status], ["Alice", "Away"])
    const { users } = yield* client.users.listUsers({ query: { limit: 2, online: false } })
    assert.deepStrictEqual(users.map(({ user }) => user), [alice, bob])
    const record = yield* client.users.getUser({ params: { user: alice } })
    assert.deepStrictEqual([record.conversations, record.status, record.source], [1, "Away", "admin"])
    const listed = yield* client.users.listUserConversations({ params: { user: alice }, query: {} })
    assert.deepStrictEqual(listed.conversations.map((each) => each.conversation), [conversation])
    const parts = yield* client.users.exportUser({ params: { user: alice } })
    assert.isAbove((yield* Stream.runCollect(parts)).length, 0)

    const there = yield* connect({ port, user: "alice", level: "v1" })
    const { connections } = yield* client.connections.listConnections({ query: { user: alice } })
    yield* client.connections.endConnection({ params: { session: connections[0]!.session } })
    assert.strictEqual(yield* there.closed, 4503)

    const until = 4_102_444_800_000
    assert.strictEqual((yield* client.bans.putBan({ params: { user: bob }, payload: { until } })).until, until)
    assert.lengthOf((yield* client.admin.bans({ query: {} })).bans, 1)
    yield* client.bans.deleteBan({ params: { user: bob } })
    yield* client.admin.ban({ payload: { user: bob } })
    assert.isTrue((yield* client.admin.lift({ payload: { user: bob } })).lifted)
    assert.strictEqual((yield* client.admin.kick({ payload: { user: bob } })).connections, 0)

    assert.isAbove((yield* client.server.stats()).accepted, 0)
    assert.isArray((yield* client.server.config()).settings)
    assert.deepStrictEqual((yield* client.webhookEvents.list({ query: {} })).events, [])
    const nothing = yield* Effect.flip(client.webhookEvents.retry({ params: { id: "log~dm:alice:bob~1" } }))
    assert.instanceOf(nothing, ApiError)

    const sentFile = yield* uploadFile(port, "hello", { name: "note.txt" })
    const { file } = sentFile.body
    assert.deepStrictEqual((yield* client.adminFiles.list({ query: { user: alice } })).files.map((each) => each.file), [
      file
    ])
    assert.deepStrictEqual((yield* client.adminFiles.get({ params: { file } })).uses, [])
    assert.strictEqual((yield* Effect.flip(client.adminFiles.release({ params: { file } })))._tag, "ApiError")
    yield* client.adminFiles.remove({ params: { file } })

    yield* client.users.eraseUser({ params: { user: alice } })
    const gone = yield* Effect.flip(client.users.getUser({ params: { user: alice } }))
    assert.instanceOf(gone, ApiError)

    const all = Object.entries(Api.groups).flatMap(([name, { endpoints }]) =>
      name === "public" || name === "files" ? [] : Object.keys(endpoints).map((endpoint) => `${name}.${endpoint}`)
    )
    assert.sameMembers(Array.from(called), all)
  }, { access, files: moodyFiles().layer })
})
