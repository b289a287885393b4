/** P8 under TestClock: credentials that end, that are prolonged, and users who have to go. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { Authenticator, type ConnectRequest, deviceOf, Refused } from "../../src/services/access/Authenticator.ts"
import { BanList } from "../../src/services/access/BanList.ts"
import { Admission } from "../../src/services/admission/Admission.ts"
import { Bans } from "../../src/services/admission/Bans.ts"
import { Settings } from "../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import * as Switchboard from "../../src/services/Switchboard.ts"
import { UserActors } from "../../src/services/user/UserActors.ts"
import { pass, settle, story } from "../support/actors.ts"
import { MemoryConnection } from "../support/MemoryConnection.ts"

/** Tokens are `user expiresAt tokenId`. */
const grantOf = (token: string) => {
  const [user = "", expiresAt, tokenId] = token.split(" ")
  return {
    user: UserId.make(user),
    ...(expiresAt === undefined ? {} : { expiresAt: Number(expiresAt) }),
    ...(tokenId === undefined ? {} : { tokenId })
  }
}

const authenticator = Layer.succeed(Authenticator, {
  authenticate: (request: ConnectRequest) =>
    Effect.map(deviceOf(request), (device) => ({ ...grantOf(String(request.headers["token"])), ...device })),
  verify: (token: string) =>
    token.startsWith("bad")
      ? Effect.fail(new Refused({ status: 401, message: "The token is not valid; sign in again." }))
      : Effect.succeed(grantOf(token))
})

const server = (store: Layer.Layer<MessageStore> = MemoryMessageStore.layer()) =>
  Switchboard.layer.pipe(
    Layer.provideMerge(store),
    Layer.provide(authenticator),
    Layer.provideMerge(Settings.layerOf({}))
  )

const request = (token: string): ConnectRequest => ({
  headers: { token },
  query: new URLSearchParams(),
  remoteAddress: "127.0.0.1",
  address: "127.0.0.1",
  local: true
})

const come = Effect.fnUntraced(function*(token: string, level: "plain" | "v1" = "v1") {
  const connection = new MemoryConnection()
  const actor = yield* UserActors
  const identity = yield* Effect.orDie((yield* Admission).identify(request(token)))
  yield* Effect.forkChild(actor.run({ identity, level, connection, address: "127.0.0.1" }))
  yield* settle
  return connection
})

const passAlive = Effect.fnUntraced(function*(millis: number, ...alive: ReadonlyArray<MemoryConnection>) {
  for (let left = millis; left > 0; left -= 5_000) {
    for (const connection of alive) connection.pong()
    yield* pass(Math.min(left, 5_000))
  }
})

const types = (connection: MemoryConnection) => connection.heard.map(({ type }) => type)

describe("credentials", () => {
  story("a session is warned a minute before its token ends, and ends then with 4501", function*() {
    const alice = yield* come("alice 100000")
    yield* passAlive(39_000, alice)
    assert.notInclude(types(alice), "auth_expiring")
    yield* passAlive(2_000, alice)
    assert.deepStrictEqual(alice.all("auth_expiring"), [{ type: "auth_expiring", expires_at: 100_000 }])
    yield* passAlive(58_000, alice)
    assert.isUndefined(alice.closedWith)
    yield* passAlive(2_000, alice)
    assert.strictEqual(alice.closedWith, CloseCode.CredentialsExpired)
    assert.strictEqual(types(alice).filter((type) => type === "auth_expiring").length, 1)
  }, server())

  story("a plain connection is not warned, and ends all the same", function*() {
    const alice = yield* come("alice 20000", "plain")
    yield* passAlive(21_000, alice)
    assert.deepStrictEqual(types(alice), [])
    assert.strictEqual(alice.closedWith, CloseCode.CredentialsExpired)
  }, server())

  story("refresh_auth prolongs it without a reconnect, and the new end counts", function*() {
    const alice = yield* come("alice 100000")
    yield* passAlive(90_000, alice)
    assert.deepStrictEqual(yield* alice.says({ type: "refresh_auth", id: "r", token: "alice 200000" }), [
      { type: "authenticated", id: "r", expires_at: 200_000 } as never
    ])
    yield* passAlive(60_000, alice)
    assert.isUndefined(alice.closedWith)
    assert.strictEqual(types(alice).filter((type) => type === "auth_expiring").length, 2)
    yield* passAlive(55_000, alice)
    assert.strictEqual(alice.closedWith, CloseCode.CredentialsExpired)
  }, server())

  story("a refresh never shortens a session: it is refused, and the session ends when it would have", function*() {
    const alice = yield* come("alice 200000")
    yield* passAlive(90_000, alice)
    // Ends earlier; ended a moment ago, which a verifier with some tolerance lets pass.
    for (const end of [150_000, 89_000]) {
      const [error] = yield* alice.says({ type: "refresh_auth", id: "r", token: `alice ${end}` })
      assert.deepStrictEqual<unknown>(error?.type === "error" && [error.code, error.id], ["unauthenticated", "r"])
    }
    yield* passAlive(100_000, alice)
    assert.isUndefined(alice.closedWith)
    yield* passAlive(11_000, alice)
    assert.strictEqual(alice.closedWith, CloseCode.CredentialsExpired)
  }, server())

  story("a refresh as another user, or with a bad token, is refused and changes nothing", function*() {
    const alice = yield* come("alice 100000")
    for (const token of ["mallory 900000", "bad"]) {
      const [error] = yield* alice.says({ type: "refresh_auth", id: "r", token })
      assert.deepStrictEqual<unknown>(error?.type === "error" && [error.code, error.id], ["unauthenticated", "r"])
    }
    const [error] = yield* alice.says({ type: "refresh_auth", token: "x".repeat(20_000) })
    assert.strictEqual(error?.type === "error" && error.code, "invalid_frame")
    yield* passAlive(101_000, alice)
    assert.strictEqual(alice.closedWith, CloseCode.CredentialsExpired)
  }, server())
})

describe("kick and ban", () => {
  const alice = { kind: "user", id: "alice" } as const

  story("a kicked user is gone from every connection at once, and may come back", function*() {
    const bans = yield* Bans
    const [phone, web, bob] = [yield* come("alice"), yield* come("alice"), yield* come("bob")]
    // Waits in the mailbox, and is not carried out.
    phone.send({ type: "chat_message", recipient: "bob", text: "one last word" })
    assert.strictEqual(yield* bans.kick(alice), 2)
    yield* settle
    assert.deepStrictEqual([phone.closedWith, web.closedWith, bob.closedWith], [
      CloseCode.Kicked,
      CloseCode.Kicked,
      undefined
    ])
    const again = yield* come("alice")
    assert.isUndefined(again.closedWith)
  }, server())

  story("a banned user is refused at the door until it is lifted, or over", function*() {
    const admission = yield* Admission
    const bans = yield* Bans
    const status = admission.identify(request("alice")).pipe(
      Effect.match({ onFailure: (refused) => refused.status, onSuccess: () => 200 })
    )
    const connection = yield* come("alice")
    assert.strictEqual(yield* bans.ban(alice, { reason: "rude" }), 1)
    yield* settle
    assert.strictEqual(connection.closedWith, CloseCode.Kicked)
    assert.deepStrictEqual((yield* bans.list).map(({ id, reason }) => [id, reason]), [["alice", "rude"]])
    assert.strictEqual(yield* status, 403)
    assert.isTrue(yield* bans.lift(alice))
    assert.strictEqual(yield* status, 200)
    yield* bans.ban(alice, { until: 10_000 })
    assert.strictEqual(yield* status, 403)
    yield* TestClock.adjust("11 seconds")
    assert.strictEqual(yield* status, 200)
    assert.deepStrictEqual(yield* bans.list, [])
  }, server())

  story("a single token can be banned; the user's others go on", function*() {
    const bans = yield* Bans
    const stolen = yield* come("alice 900000 t1")
    const own = yield* come("alice 900000 t2")
    yield* bans.ban({ kind: "token", id: "t1" })
    yield* settle
    assert.deepStrictEqual([stolen.closedWith, own.closedWith], [CloseCode.Kicked, undefined])
    // Nor can a session take it up later.
    yield* own.says({ type: "refresh_auth", token: "alice 900000 t1" })
    assert.strictEqual(own.closedWith, CloseCode.Kicked)
  }, server())

  story("a ban between the door and the registration is not slipped through", function*() {
    const admission = yield* Admission
    const actor = yield* UserActors
    const identity = yield* admission.identify(request("alice"))
    yield* (yield* Bans).ban(alice)
    const connection = new MemoryConnection()
    yield* Effect.forkChild(actor.run({ identity, level: "v1", connection, address: "127.0.0.1" }))
    yield* settle
    assert.strictEqual(connection.closedWith, CloseCode.Kicked)
  }, server())

  it.effect("what one server was told holds on another that shares the store, and after a restart", () =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      const shared = Layer.succeed(MessageStore, store)
      yield* Effect.gen(function*() {
        const connection = yield* come("alice")
        yield* Effect.provide(Effect.flatMap(Bans, (bans) => bans.ban(alice)), Layer.fresh(server(shared)))
        yield* passAlive(6_000, connection)
        assert.strictEqual(connection.closedWith, CloseCode.Kicked)
      }).pipe(Effect.provide(Layer.fresh(server(shared))))
      yield* Effect.gen(function*() {
        assert.isTrue((yield* BanList).isBanned(UserId.make("alice"), undefined))
      }).pipe(Effect.provide(Layer.fresh(server(shared))))
    }).pipe(Effect.provide(MemoryMessageStore.layer())))
})
