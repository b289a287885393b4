/** Who finds whom by the beginning of a name, and how often. */
import { assert, describe } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { UserId } from "../../../src/domain/Ids.ts"
import { Users } from "../../../src/services/admin/Users.ts"
import { Bans } from "../../../src/services/admission/Bans.ts"
import { PeopleDirectory } from "../../../src/services/PeopleDirectory.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { actors, join, pass, startUser, story } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { unlimitedFrames } from "../../support/TestServer.ts"

const serverOf = (mode: "members" | "all") =>
  actors(unlimitedFrames).pipe(Layer.provide(Layer.succeed(PeopleDirectory, mode)))

const put = Effect.fnUntraced(function*(people: Readonly<Record<string, string>>) {
  const users = yield* Users
  for (const [user, name] of Object.entries(people)) yield* users.putProfile(UserId.make(user), { name })
})

const find = (who: MemoryConnection, prefix: string, limit?: number) =>
  Effect.map(
    who.ask({ type: "find_users", prefix, ...(limit === undefined ? undefined : { limit }) }, "users_found"),
    ({ profiles }) => profiles.map(({ user }) => user as string)
  )

const welcomeOf = Effect.fnUntraced(function*(user: string) {
  const { connection } = yield* startUser(user, { level: "v1" })
  return yield* connection.waitFor("welcome")
})

describe("the directory", () => {
  story("without one nobody finds anybody, and the server says so", function*() {
    const alice = yield* join("alice")
    const { code, message } = yield* alice.ask({ type: "find_users", prefix: "b" }, "error")
    assert.strictEqual(code, "forbidden")
    assert.match(message, /no directory/)
    assert.isUndefined((yield* welcomeOf("bob")).directory)
  })

  story("of all: by name, by any word and by id, in the order of the names", function*() {
    yield* put({ u1: "Zoë Adams", u2: "anna", u3: "Ådam", u4: "Anna", anna5: "Bert" })
    const zed = yield* join("zed")
    assert.strictEqual((yield* welcomeOf("somebody")).directory, "all")
    assert.deepStrictEqual(yield* find(zed, "ann"), ["u4", "anna5", "u2"])
    assert.deepStrictEqual(yield* find(zed, "ADA"), ["u1", "u3"])
    assert.deepStrictEqual(yield* find(zed, "zoe  a"), ["u1"])
    assert.deepStrictEqual(yield* find(zed, "a", 2), ["u1", "u3"])
    for (const prefix of ["%", "_", "'", " ", "\t", "a%", "x".repeat(128)]) {
      assert.deepStrictEqual(yield* find(zed, prefix).pipe(Effect.tap(() => pass(6_000))), [], prefix)
    }
    for (const bad of ["", "x".repeat(129)]) {
      assert.strictEqual((yield* zed.ask({ type: "find_users", prefix: bad }, "error")).code, "invalid_frame")
    }
  }, serverOf("all"))

  story("P8 never shows oneself, who blocks or is blocked, who is banned, or who was erased", function*() {
    yield* put({ alice: "Xena Alice", bob: "Xena Bob", carol: "Xena Carol", dora: "Xena Dora", erik: "Xena Erik" })
    const [alice, bob] = [yield* join("alice"), yield* join("bob")]
    assert.deepStrictEqual(yield* find(alice, "xena"), ["bob", "carol", "dora", "erik"])
    yield* bob.ask({ type: "block", user: "alice" }, "blocked_users")
    yield* alice.ask({ type: "block", user: "carol" }, "blocked_users")
    yield* (yield* Bans).ban({ kind: "user", id: "dora" })
    yield* (yield* MessageStore).eraseUser(UserId.make("erik"))
    assert.deepStrictEqual(yield* find(alice, "xena"), [])
    assert.deepStrictEqual(yield* find(alice, "bob"), [])
  }, serverOf("all"))

  story("P8 of members: only those with whom one shares a conversation now", function*() {
    yield* put({ peer: "Yann Peer", member: "Yann Member", left: "Yann Left", stranger: "Yann Stranger" })
    const me = yield* join("me")
    assert.deepStrictEqual(yield* find(me, "yann"), [])
    yield* me.says({ type: "chat_message", recipient: "peer", text: "hi" })
    const { group } = yield* me.ask({ type: "create_group", name: "g", members: ["member", "left"] }, "group_info")
    assert.deepStrictEqual(yield* find(me, "yann"), ["left", "member", "peer"])
    yield* me.ask({ type: "remove_members", group, members: ["left"] }, "group_info")
    assert.deepStrictEqual(yield* find(me, "yann"), ["member", "peer"])
    assert.strictEqual((yield* welcomeOf("other")).directory, "members")
    // `profiles` goes no further, and says nothing of who is unknown.
    const { profiles, unknown } = yield* me.ask({ type: "profiles", users: ["stranger", "peer", "no"] }, "profiles")
    assert.deepStrictEqual([profiles.map(({ user }) => user as string), unknown], [["peer"], undefined])
  }, serverOf("members"))

  story("P9 ten times a minute, whatever the devices, and a thousand people of one name cost no more", function*() {
    yield* put(Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`a${i}`, `Aaron ${i}`])))
    const [one, two] = [yield* join("alice", "one"), yield* join("alice", "two")]
    for (let i = 0; i < 10; i++) assert.lengthOf(yield* find(i % 2 === 0 ? one : two, "a", 100), 100)
    const { code, retry_after_ms: wait = 0 } = yield* two.ask({ type: "find_users", prefix: "a" }, "error")
    assert.strictEqual(code, "rate_limited")
    assert.isTrue(wait > 0 && wait <= 6_000, String(wait))
    const bob = yield* join("bob")
    assert.lengthOf(yield* find(bob, "aaron"), 20)
    yield* pass(wait)
    const again = yield* join("alice", "three")
    assert.lengthOf(yield* find(again, "aaron 7", 1), 1)
  }, serverOf("all"))
})
