/** The typed client of the admin API. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { OpenApi } from "effect/http-api"
import { globSync, readFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { AdminAccess, BasePath } from "../../../src/index.ts"
import {
  AdminClient,
  Api,
  ApiError,
  ClientId,
  ConversationId,
  GroupId,
  Refused,
  UserId
} from "../../../src/services/api/AdminClient.ts"
import { access, adminToken } from "../../support/adminApi.ts"
import { root } from "../../support/ServerProcess.ts"
import { connect } from "../../support/TestClient.ts"
import { TestServer, testServer } from "../../support/TestServer.ts"

const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
const group = GroupId.make("tea-room")

const client = (token: string | Redacted.Redacted<string> | undefined = Redacted.make(adminToken)) =>
  Layer.unwrap(
    Effect.map(TestServer, ({ port }) => AdminClient.layer({ url: `http://127.0.0.1:${port}`, token }))
  ).pipe(Layer.provide(FetchHttpClient.layer))

const served = <A, E>(name: string, body: Effect.Effect<A, E, AdminClient | TestServer>) =>
  it.live(name, () => body.pipe(Effect.provide(client()), Effect.scoped, Effect.provide(testServer({ access }))))

describe("AdminClient", () => {
  served(
    "each endpoint about messages and groups",
    Effect.gen(function*() {
      const { groups, messages } = yield* AdminClient
      const { port } = yield* TestServer
      const there = yield* connect({ port, user: "bob", level: "v1" })
      const made = yield* groups.create({ payload: { id: group, name: "tea", owner: alice, members: [bob] } })
      assert.deepStrictEqual(made.members.map(({ user }) => user), [alice, bob])
      const params = { group }
      assert.deepStrictEqual(yield* groups.get({ params }), made)
      assert.strictEqual((yield* groups.rename({ params, payload: { name: "Tee" } })).name, "Tee")
      const carol = UserId.make("c+arol@example.com")
      const put = yield* groups.putMember({ params: { group, user: carol }, payload: { role: "admin" } })
      assert.deepStrictEqual(put.members.at(-1), { user: carol, role: "admin" })
      assert.deepStrictEqual(yield* groups.putMember({ params: { group, user: carol }, payload: null }), put)
      const said = { sender: alice, group, text: "hi", id: ClientId.make("1") }
      const { conversation, seq } = yield* messages.send({ payload: said })
      assert.strictEqual((yield* messages.send({ payload: said })).duplicate, true)
      assert.strictEqual((yield* there.waitFor("incoming_message")).seq, seq)
      yield* messages.remove({ params: { conversation, seq }, payload: null })
      const page = yield* messages.history({ params: { conversation }, query: { after: seq - 1, limit: 2 } })
      assert.deepStrictEqual(page.messages.map(({ kind, sender }) => [kind, sender]), [
        ["text", "alice"],
        ["delete", "@system"]
      ])
      assert.isFalse(page.has_more)
      assert.notInclude(
        (yield* groups.removeMember({ params: { group, user: bob } })).members.map(({ user }) => user),
        bob
      )
      yield* groups.remove({ params })
      assert.strictEqual((yield* Effect.flip(groups.get({ params })))._tag, "ApiError")
    }).pipe(Effect.scoped)
  )

  served(
    "fails with what the server says, and its code",
    Effect.gen(function*() {
      const { groups, messages } = yield* AdminClient
      yield* groups.create({ payload: { id: group, name: "tea", owner: alice, members: [] } })
      const errors = yield* Effect.all([
        Effect.flip(messages.send({ payload: { sender: bob, group, text: "hi" } })),
        Effect.flip(messages.send({ payload: { sender: bob, text: "hi" } })),
        Effect.flip(groups.create({ payload: { id: group, name: "tee", owner: alice, members: [] } })),
        Effect.flip(groups.putMember({ params: { group, user: alice }, payload: { role: "member" } })),
        Effect.flip(messages.history({ params: { conversation: ConversationId.make("dm:a:b") }, query: {} }))
      ])
      assert.deepStrictEqual(
        errors.map((error) => error instanceof ApiError ? [error.status, error.code] : error),
        [
          [403, "not_a_member"],
          [400, "invalid_target"],
          [409, "id_conflict"],
          [409, "conflict"],
          [404, "not_found"]
        ]
      )
    })
  )

  it.live("under a base path, and on an admin port, which asks for no token", () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      const admin = AdminClient.layer({ url: `http://127.0.0.1:${port}/chat` })
      const made = Effect.flatMap(
        AdminClient,
        ({ groups }) => groups.create({ payload: { id: group, name: "tea", owner: alice, members: [] } })
      )
      assert.strictEqual((yield* Effect.provide(made, Layer.provide(admin, FetchHttpClient.layer))).group, group)
    }).pipe(
      Effect.scoped,
      Effect.provide(
        testServer({ access: AdminAccess.layerAdminPort }).pipe(
          Layer.provide(Layer.succeed(BasePath.BasePath, "/chat"))
        )
      )
    ))

  it.live("a wrong token is refused", () =>
    Effect.gen(function*() {
      const refusal = yield* Effect.flip((yield* AdminClient).groups.get({ params: { group } }))
      assert.instanceOf(refusal, Refused)
      assert.strictEqual(refusal instanceof Refused && refusal.status, 401)
    }).pipe(Effect.provide(client("a-wrong-token")), Effect.scoped, Effect.provide(testServer({ access }))))

  it("is described: what each endpoint is for, and where a body may be left out", () => {
    const { paths } = OpenApi.fromApi(Api)
    const bodies: Record<string, boolean | undefined> = {}
    for (const [path, methods] of Object.entries(paths)) {
      if (!/\/(groups|messages)/.test(path)) continue
      for (const method of ["get", "post", "put", "patch", "delete"] as const) {
        const operation = methods[method]
        if (operation === undefined) continue
        const { description, operationId, requestBody, summary } = operation
        assert.isNotEmpty(`${summary ?? ""}${description ?? ""}`, `${method} ${path}`)
        if (requestBody !== undefined) bodies[operationId] = requestBody.required
      }
    }
    assert.deepStrictEqual(bodies, {
      "messages.send": true,
      "messages.remove": false,
      "groups.create": true,
      "groups.rename": true,
      "groups.ban": false,
      "groups.invite": false,
      "groups.putMember": false
    })
  })

  it("brings nothing of the server with it but what the API is", () => {
    const reached = new Set<string>()
    const visit = (file: string): void => {
      if (reached.has(file)) return
      reached.add(file)
      const source = readFileSync(join(root, file), "utf8")
      for (const [, path] of source.matchAll(/^(?:import|export) (?!type)[^"]*from "(\.[^"]+)"/gm)) {
        visit(relative(root, resolve(root, file, "..", path!)))
      }
    }
    visit("src/services/api/AdminClient.ts")
    const api = globSync("src/services/api/*.ts", { cwd: root })
    const others = Array.from(reached).filter((file) => !file.startsWith("src/domain/") && !api.includes(file))
    assert.deepStrictEqual(others.toSorted(), [
      "src/services/access/Authenticator.ts",
      "src/services/access/openIdEndpoints.ts",
      // Schemas, of what servers ask each other as well.
      "src/services/cluster/connectionList.ts",
      "src/services/kernel/addresses.ts"
    ])
  })
})
