/** How people are shown: by themselves, by the operator and by a token, to those who may see it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { DeviceId, FileId, UserId } from "../../../src/domain/Ids.ts"
import type { Profile } from "../../../src/domain/Profile.ts"
import { Users } from "../../../src/services/admin/Users.ts"
import { Profiles } from "../../../src/services/people/Profiles.ts"
import { PeopleDirectory } from "../../../src/services/PeopleDirectory.ts"
import { Directory } from "../../../src/services/storage/Directory.ts"
import { FileRecords } from "../../../src/services/storage/FileRecords.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { UserActors } from "../../../src/services/user/UserActors.ts"
import { actors, identity, join, pass, settle, story } from "../../support/actors.ts"
import { MemoryConnection } from "../../support/MemoryConnection.ts"
import { unlimitedFrames } from "../../support/TestServer.ts"

const all = actors(unlimitedFrames).pipe(Layer.provide(Layer.succeed(PeopleDirectory, "all")))

const talk = (a: MemoryConnection, b: string) => a.says({ type: "chat_message", recipient: b, text: "hi" })

const set = (who: MemoryConnection, frame: object) => who.ask({ type: "set_profile", ...frame }, "profile")

const asks = (who: MemoryConnection, ...users: ReadonlyArray<string>) =>
  Effect.map(who.ask({ type: "profiles", users }, "profiles"), ({ profiles, unknown }) => ({
    names: Object.fromEntries(profiles.map(({ name, user }) => [user, name])),
    unknown
  }))

/** Profiles that were pushed since the last time. */
const pushed = (who: MemoryConnection) =>
  who.take().flatMap((frame) => frame.type === "profile" ? [`${frame.user} ${frame.name ?? "-"}`] : [])

const refusal = (who: MemoryConnection, frame: object) => Effect.map(who.ask(frame, "error"), ({ code }) => code)

type Services = Layer.Success<typeof all> | Layer.Success<ReturnType<typeof MemoryMessageStore.layer>> | Scope.Scope

/** A story that looks into what else its store has. */
const withStore = (name: string, body: () => Generator<Effect.Effect<any, unknown, Services>, void, never>) => {
  const store = MemoryMessageStore.layer()
  return it.effect(
    name,
    () => Effect.gen(body).pipe(Effect.provide([actors({}, store), store]), Effect.scoped)
  )
}

describe("profiles", () => {
  story("set by oneself: what is left out stays, and what is empty goes", function*() {
    const alice = yield* join("alice")
    const first = yield* set(alice, { name: "  Alice   Smith ", status: "Here" })
    assert.deepStrictEqual({ ...first, id: undefined, updated_at: 0 }, {
      type: "profile",
      id: undefined,
      user: UserId.make("alice"),
      name: "Alice Smith",
      status: "Here",
      updated_at: 0
    })
    assert.strictEqual((yield* set(alice, { status: "" })).status, undefined)
    assert.strictEqual((yield* set(alice, {})).name, "Alice Smith")
    assert.strictEqual((yield* set(alice, { name: "" })).name, undefined)
    // Nothing at all is a question.
    assert.strictEqual((yield* set(alice, {})).name, undefined)
  })

  story("a change is pushed to those who watch, and to one's other devices, once for many", function*() {
    const [alice, tablet] = [yield* join("alice", "phone"), yield* join("alice", "tablet")]
    const [bob, carol, plain] = [yield* join("bob"), yield* join("carol"), yield* join("bob", { level: "plain" })]
    yield* talk(alice, "bob")
    yield* bob.says({ type: "subscribe_presence", users: ["alice"] })
    yield* carol.says({ type: "subscribe_presence", users: ["alice"] })
    yield* plain.says({ type: "subscribe_presence", users: ["alice"] })
    yield* pass(1_000)
    for (const each of [alice, tablet, bob, carol, plain]) each.take()
    for (let i = 0; i < 1_000; i++) {
      yield* set(alice, { name: `Alice ${i}` })
      if (i % 100 === 99) yield* pass(100)
    }
    yield* pass(1_000)
    const heard = pushed(bob)
    assert.isAtMost(heard.length, 6)
    assert.strictEqual(heard.at(-1), "alice Alice 999")
    assert.strictEqual(pushed(tablet).at(-1), "alice Alice 999")
    assert.deepStrictEqual([pushed(carol), pushed(plain)], [[], []], "a stranger, and who is plain")
    // The same again is no news.
    yield* set(alice, { name: "Alice 999" })
    yield* pass(1_000)
    assert.deepStrictEqual(pushed(bob), [])
  }, actors(unlimitedFrames))

  story("P8 strangers, and those who block each other, learn no name, in no way", function*() {
    const [alice, bob, carol] = [yield* join("alice"), yield* join("bob"), yield* join("carol")]
    yield* set(alice, { name: "Alice" })
    yield* set(bob, { name: "Bob" })
    assert.deepStrictEqual(yield* asks(carol, "alice", "carol", "nobody"), { names: {}, unknown: undefined })
    yield* talk(alice, "bob")
    assert.deepStrictEqual(yield* asks(bob, "alice", "bob", "bob"), {
      names: { alice: "Alice", bob: "Bob" },
      unknown: undefined
    })
    const list = Effect.fnUntraced(function*(who: MemoryConnection, order?: "recent") {
      const { conversations } = yield* who.ask(
        { type: "conversations", ...(order === undefined ? undefined : { order }) },
        "conversation_list"
      )
      return conversations.map(({ name }) => name)
    })
    const info = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob", "carol"] }, "group_info")
    const members = Effect.fnUntraced(function*(who: MemoryConnection) {
      const { members } = yield* who.ask({ type: "group_info", group: info.group }, "group_info")
      return Object.fromEntries(members.flatMap(({ name, user }) => name === undefined ? [] : [[user, name]]))
    })
    assert.deepStrictEqual(Object.fromEntries(info.members.map(({ name, user }) => [user, name])), {
      alice: "Alice",
      bob: "Bob",
      carol: undefined
    })
    assert.deepStrictEqual([yield* list(bob), yield* list(bob, "recent")], [["Alice", "tea"], ["tea", "Alice"]])
    assert.deepStrictEqual(yield* members(carol), { alice: "Alice", bob: "Bob" })
    yield* bob.says({ type: "subscribe_presence", users: ["alice"] })
    yield* alice.ask({ type: "block", user: "bob" }, "blocked_users")
    yield* pass(1_000)
    bob.take()
    yield* set(alice, { name: "Another" })
    yield* pass(1_000)
    assert.deepStrictEqual(pushed(bob), [])
    // Neither of the two, and others see them as ever.
    assert.deepStrictEqual((yield* asks(bob, "alice")).names, {})
    assert.deepStrictEqual((yield* asks(alice, "bob")).names, {})
    assert.deepStrictEqual([yield* list(bob), yield* list(alice)], [[undefined, "tea"], [undefined, "tea"]])
    assert.deepStrictEqual(yield* members(bob), { bob: "Bob" })
    assert.deepStrictEqual(yield* members(carol), { alice: "Another", bob: "Bob" })
  })

  story("with a directory of all, everybody may ask, and hears who has never been here", function*() {
    const [alice, bob, carol] = [yield* join("alice"), yield* join("bob"), yield* join("carol")]
    yield* set(alice, { name: "Alice" })
    yield* alice.ask({ type: "block", user: "bob" }, "blocked_users")
    assert.deepStrictEqual(yield* asks(carol, "alice", "bob", "Bob", "carol"), {
      names: { alice: "Alice" },
      unknown: [UserId.make("Bob")]
    })
    // As somebody without a profile.
    assert.deepStrictEqual(yield* asks(bob, "alice", "carol"), { names: {}, unknown: [] })
    yield* carol.gone
    yield* pass(30_000)
    assert.deepStrictEqual((yield* asks(bob, "carol")).unknown, [])
    yield* (yield* MessageStore).eraseUser(UserId.make("alice"))
    yield* pass(30_000)
    assert.deepStrictEqual((yield* asks(bob, "alice")).names, {})
  }, all)

  story("P9 names with what controls or turns text, of too many characters, or of none", function*() {
    const alice = yield* join("alice")
    const bad = ["\u0007", "a\u202eb", "a\nb", "\u200b", " ", "a\u2066b", "x".repeat(65), "👍".repeat(65), "\ud800"]
    for (const name of [...bad, "a" + "\u0301".repeat(1_000), 7, null]) {
      assert.strictEqual(yield* refusal(alice, { type: "set_profile", name }), "invalid_frame", JSON.stringify(name))
    }
    assert.strictEqual(yield* refusal(alice, { type: "set_profile", status: "a\u200fb" }), "invalid_frame")
    assert.strictEqual(yield* refusal(alice, { type: "set_profile", status: "x".repeat(101) }), "invalid_frame")
    assert.strictEqual(yield* refusal(alice, { type: "set_profile", avatar: "https://x/y" }), "invalid_frame")
    assert.strictEqual(yield* refusal(alice, { type: "set_profile", avatar: "f-of-nobody" }), "not_found")
    for (const name of ["👨‍👩‍👧‍👦".repeat(64), "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "A\u030a", "مرحبا", "नमस्ते", "'; DROP TABLE"]) {
      assert.strictEqual((yield* set(alice, { name })).name, name.normalize("NFC"))
    }
  }, actors(unlimitedFrames))

  withStore("a picture is a file of one's own, and is shown with a link", function*() {
    const alice = yield* join("alice")
    const files = yield* FileRecords
    const upload = Effect.fnUntraced(function*(owner: string, name: string) {
      const file = FileId.make(`f-${owner}-picture`)
      yield* files.begin({ file, owner: UserId.make(owner), name, type: "image/png", size: 3, at: 0 }, 0)
      yield* files.finish(file, { size: 3, sha256: "0".repeat(64), state: "ready" })
      return file
    })
    const [mine, theirs] = [yield* upload("alice", "me.png"), yield* upload("bob", "b.png")]
    assert.strictEqual(yield* refusal(alice, { type: "set_profile", avatar: theirs }), "not_found")
    const shown = yield* set(alice, { avatar: mine })
    assert.match(shown.avatar_url ?? "", /^\/v1\/files\/f-alice-picture\/me\.png\?expires=\d+&signature=/)
    yield* talk(alice, "bob")
    const bob = yield* join("bob")
    const { conversations } = yield* bob.ask({ type: "conversations" }, "conversation_list")
    assert.strictEqual(conversations[0]?.avatar_url, shown.avatar_url)
    // An operator removes it: it is not shown any more.
    yield* files.discard(mine)
    assert.strictEqual((yield* set(alice, {})).avatar_url, undefined)
  })

  story("an operator's word is told, too, and says where it came from", function*() {
    const [alice, bob] = [yield* join("alice"), yield* join("bob")]
    yield* talk(alice, "bob")
    yield* bob.says({ type: "subscribe_presence", users: ["alice"] })
    const users = yield* Users
    const profile: Profile = yield* users.putProfile(UserId.make("alice"), {
      name: "Alice of Sales",
      avatar: "https://pictures.example/alice.png"
    })
    assert.strictEqual(profile.avatar_url, "https://pictures.example/alice.png")
    yield* pass(1_000)
    assert.deepStrictEqual(pushed(bob), ["alice Alice of Sales"])
    assert.strictEqual((yield* users.find(UserId.make("alice")))?.source, "admin")
  })

  withStore("claims of a token are the first profile, and say nothing once somebody else has", function*() {
    const directory = yield* Directory
    const users = yield* UserActors
    const enter = Effect.fnUntraced(function*(profile: { readonly name?: string; readonly picture?: string }) {
      const connection = new MemoryConnection()
      const fiber = yield* Effect.forkChild(
        users.run({
          identity: { ...identity("alice"), device: DeviceId.make("d"), profile },
          level: "v1",
          connection,
          address: "127.0.0.1"
        })
      )
      void fiber
      yield* settle
      yield* connection.waitFor("welcome")
      return connection
    })
    const stored = Effect.map(directory.profiles([UserId.make("alice")]), ([each]) => each)
    yield* enter({})
    assert.isUndefined(yield* stored)
    yield* enter({ name: "Alice\u202e", picture: "https://p.example/a.png" })
    assert.deepInclude(yield* stored, { avatar: "https://p.example/a.png", source: "claims" })
    yield* enter({ name: "Alice", picture: "javascript:alert(1)" })
    assert.deepInclude(yield* stored, { name: "Alice", source: "claims" })
    assert.isUndefined((yield* stored)?.avatar)
    const at = (yield* stored)?.updatedAt
    yield* pass(120_000)
    yield* enter({ name: "Alice" })
    assert.strictEqual((yield* stored)?.updatedAt, at, "nothing is written where nothing changed")
    yield* (yield* Profiles).set(
      // Any name of a session will do.
      { ...identity("alice"), session: "s" as never, hasBlocked: () => false, settleCursors: () => Effect.void },
      { name: "Ally" }
    )
    yield* enter({ name: "Alice in another place" })
    assert.strictEqual((yield* stored)?.name, "Ally")
  })
})
