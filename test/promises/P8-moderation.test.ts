/** P8 P3 P9: who looks after a group and how, over real sockets: strangers, members, admins, owners; who is out, banned or erased. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { access, adminClient } from "../support/adminApi.ts"
import { connect, type TestClient } from "../support/TestClient.ts"
import { served, TestServer, unlimitedFrames } from "../support/TestServer.ts"

const join = Effect.fnUntraced(function*(user: string) {
  const { port } = yield* TestServer
  return yield* connect({ port, user, level: "v1" })
})

/** Olga owns it, adam is an admin, mia a member; sam never was in it, rita was removed and ben is banned. */
const cast = Effect.gen(function*() {
  const [olga, adam, mia, rita, ben, sam] = yield* Effect.forEach(
    ["olga", "adam", "mia", "rita", "ben", "sam"],
    join
  )
  const made = yield* olga!.ask(
    { type: "create_group", name: "tea", members: ["adam", "mia", "rita", "ben"] },
    "group_info"
  )
  const { conversation, group } = made
  yield* olga!.ask({ type: "set_role", group, user: "adam", role: "admin" }, "group_info")
  yield* olga!.ask({ type: "remove_members", group, members: ["rita"], reason: "away" }, "group_info")
  yield* olga!.ask({ type: "ban_members", group, members: ["ben"], reason: "noise" }, "group_info")
  return {
    olga: olga!,
    adam: adam!,
    mia: mia!,
    rita: rita!,
    ben: ben!,
    sam: sam!,
    group,
    conversation: conversation as string
  }
})

const say = (from: TestClient, to: object, text: string) =>
  Effect.map(from.ask({ type: "chat_message", ...to, text }, "message_accepted"), ({ seq }) => seq)

/** By name; or what the answer was instead. */
const bannedIn = (info: ServerFrame): ReadonlyArray<string> | ServerFrame | undefined =>
  info.type === "group_info" ? info.banned?.map(({ user }) => user) : info

describe("moderation", () => {
  served("P8 each verb is for owners and admins, and one answer tells others nothing", function*() {
    const { adam, ben, group, mia, olga, rita, sam } = yield* cast
    const invite = (yield* olga.ask({ type: "create_invite", group }, "invite")).invite
    const verbs: Readonly<Record<string, object>> = {
      describe: { type: "set_group", group, description: "at five" },
      ban: { type: "ban_members", group, members: ["nobody-there"] },
      unban: { type: "unban_members", group, members: ["nobody-there"] },
      invite: { type: "create_invite", group, uses: 1 },
      invites: { type: "invites", group },
      revoke: { type: "revoke_invite", invite }
    }
    const out = { mine: "forbidden", was: "not_a_member", never: "not_found" }
    for (const [name, verb] of Object.entries(verbs)) {
      const strange = name === "revoke" ? "not_found" : out.was
      assert.deepStrictEqual(
        yield* Effect.forEach([mia, rita, ben, sam], (who) => who.code(verb)),
        [out.mine, strange, strange, out.never],
        name
      )
    }
    // What is not there looks the same as what is not theirs.
    const refused = yield* sam.ask({ type: "invites", group, id: "1" })
    assert.deepStrictEqual(yield* sam.ask({ type: "invites", group: "nothing", id: "1" }), refused)
    const noInvite = yield* sam.ask({ type: "revoke_invite", invite, id: "1" })
    assert.deepStrictEqual(yield* sam.ask({ type: "revoke_invite", invite: "nothing", id: "1" }), noInvite)
    for (const who of [adam, olga]) {
      for (const verb of Object.values(verbs)) {
        const code = yield* who.code(verb)
        assert.include(["group_info", "invite", "invites"], code, JSON.stringify(verb))
      }
    }
  }, { settings: unlimitedFrames })

  served("P8 who is banned is out and stays out; only owners and admins see who", function*() {
    const { adam, ben, group, mia, olga } = yield* cast
    const farewell = yield* ben.waitFor("group_changed", ({ change }) => change.action === "members_banned")
    assert.deepStrictEqual<unknown>(farewell.change, { action: "members_banned", members: ["ben"], reason: "noise" })
    assert.strictEqual(yield* ben.code({ type: "chat_message", group, text: "hello?" }), "not_a_member")
    const question = { type: "group_info", group }
    assert.deepStrictEqual(yield* Effect.forEach([olga, adam, mia], (who) => Effect.map(who.ask(question), bannedIn)), [
      ["ben"],
      ["ben"],
      undefined
    ])
    const refused = yield* adam.ask({ type: "add_members", group, members: ["ben"] }, "error")
    assert.strictEqual(refused.code, "forbidden")
    assert.match(refused.message, /ben/)
    // Somebody whom nobody has ever seen; and nobody hears of it who is not in.
    assert.deepStrictEqual(bannedIn(yield* adam.ask({ type: "ban_members", group, members: ["eve"] })), ["ben", "eve"])
    const eve = yield* join("eve")
    assert.deepStrictEqual((yield* eve.ask({ type: "conversations" }, "conversation_list")).conversations, [])
    assert.deepStrictEqual(eve.all("group_changed"), [])
    yield* olga.ask({ type: "unban_members", group, members: ["ben", "eve"] }, "group_info")
    assert.strictEqual(yield* adam.code({ type: "add_members", group, members: ["ben"] }), "group_info")
    assert.strictEqual(yield* ben.code({ type: "chat_message", group, text: "back" }), "message_accepted")
    // Roles: an admin bans no owner and no admin, and nobody themselves.
    for (const members of [["olga"], ["adam"]]) {
      assert.include(["forbidden", "invalid_target"], yield* adam.code({ type: "ban_members", group, members }))
    }
    assert.strictEqual(yield* olga.code({ type: "ban_members", group, members: ["olga"] }), "invalid_target")
    assert.deepStrictEqual(bannedIn(yield* olga.ask({ type: "ban_members", group, members: ["adam"] })), ["adam"])
  })

  served(
    "an admin takes a message out of the group, also for who has blocked the admin; history and searches follow",
    function*() {
      const { adam, group, mia, olga } = yield* cast
      const seq = yield* say(mia, { group }, "rude words")
      yield* olga.waitFor("incoming_message")
      yield* olga.ask({ type: "block", user: "adam" }, "blocked_users")
      const remove = { type: "delete_message", group, seq, id: "gone" }
      assert.strictEqual(yield* mia.code({ type: "delete_message", group, seq: 1 }), "not_found")
      const first = yield* adam.ask(remove, "message_accepted")
      const again = yield* adam.ask(remove, "message_accepted")
      assert.deepStrictEqual([again.seq, again.duplicate], [first.seq, true])
      for (const who of [mia, olga]) {
        const deleted = yield* who.waitFor("message_deleted")
        assert.deepStrictEqual([deleted.sender, deleted.target], ["adam", seq])
      }
      const { messages } = yield* mia.ask({ type: "history", group, after: seq - 1 }, "history_page")
      const text = messages.find((each) => each.seq === seq)
      assert.deepStrictEqual([text?.kind, text?.sender, "text" in text!], ["text", "mia", false])
      assert.deepStrictEqual((yield* mia.ask({ type: "search", query: "rude", group }, "search_result")).hits, [])
      assert.strictEqual(yield* adam.code({ type: "delete_message", group, seq: seq }), "not_found")
    }
  )

  served("a group is described for all of its members, and nothing given is a mistake", function*() {
    const { group, mia, olga } = yield* cast
    assert.strictEqual(yield* olga.code({ type: "set_group", group }), "invalid_frame")
    assert.strictEqual(yield* olga.code({ type: "set_group", group, description: "\u202e" }), "invalid_frame")
    assert.strictEqual(yield* olga.code({ type: "set_group", group, avatar: "no-such-file" }), "not_found")
    const info = yield* olga.ask({ type: "set_group", group, name: "Tea", description: "at five" }, "group_info")
    assert.deepStrictEqual([info.name, info.description], ["Tea", "at five"])
    const changed = yield* mia.waitFor("group_changed", ({ change }) => change.action === "described")
    assert.deepStrictEqual<unknown>(changed.change, { action: "described", name: "Tea", description: "at five" })
    assert.strictEqual((yield* mia.ask({ type: "group_info", group }, "group_info")).description, "at five")
    const bare = yield* olga.ask({ type: "set_group", group, description: "" }, "group_info")
    assert.isUndefined(bare.description)
  })

  served(
    "an invitation lets people in, who see what new members see; a used one, and a banned guest, are not told why",
    function*() {
      const { ben, group, mia, olga, rita, sam } = yield* cast
      yield* say(mia, { group }, "before")
      const { invite, uses_left } = yield* olga.ask({ type: "create_invite", group, uses: 2 }, "invite")
      assert.strictEqual(uses_left, 2)
      assert.strictEqual(Buffer.from(invite, "base64url").length, 16)
      const refused = yield* ben.ask({ type: "join", invite, id: "1" })
      assert.deepStrictEqual(yield* ben.ask({ type: "join", invite: "nothing", id: "1" }), refused)
      assert.strictEqual(refused.type === "error" && refused.code, "not_found")
      const joins = { type: "join", invite, id: "in" }
      const info = yield* sam.ask(joins, "group_info")
      assert.includeDeepMembers([...info.members], [{ user: UserId.make("sam"), role: "member" }])
      assert.isUndefined(info.banned)
      const came = yield* mia.waitFor("group_changed", ({ change }) => change.action === "joined")
      assert.deepStrictEqual<unknown>([came.by, came.change], ["sam", { action: "joined" }])
      assert.notInclude(JSON.stringify(mia.heard), invite)
      // A retry, and another frame of who is in already, use nothing.
      assert.strictEqual((yield* sam.ask(joins, "group_info")).group, group)
      assert.strictEqual(yield* sam.code({ type: "join", invite }), "group_info")
      const left = yield* olga.ask({ type: "invites", group }, "invites")
      assert.deepStrictEqual(left.invites.map((each) => each.uses_left), [1])
      assert.strictEqual(yield* rita.code({ type: "join", invite }), "group_info")
      assert.deepStrictEqual((yield* olga.ask({ type: "invites", group }, "invites")).invites, [])
      const tom = yield* join("tom")
      assert.deepStrictEqual(yield* tom.ask({ type: "join", invite, id: "1" }), refused)
      const { messages } = yield* sam.ask({ type: "history", group, after: 0 }, "history_page")
      assert.notInclude(JSON.stringify(messages), "before")
      yield* say(sam, { group }, "thank you")
      // Out again, a retry of having come in is no way back.
      yield* olga.ask({ type: "remove_members", group, members: ["sam"] }, "group_info")
      assert.include(["not_found", "not_a_member"], yield* sam.code(joins))
    }
  )

  served("P9 invitations are checked, and guesses are counted over all connections of a user", function*() {
    const { group, olga, sam } = yield* cast
    for (const wrong of [{ expires_at: 1 }, { uses: 0 }, { uses: 1.5 }, { expires_at: "soon" }]) {
      assert.strictEqual(yield* olga.code({ type: "create_invite", group, ...wrong }), "invalid_frame")
    }
    const { invite } = yield* olga.ask({ type: "create_invite", group }, "invite")
    yield* olga.ask({ type: "revoke_invite", invite }, "invite")
    const other = yield* join("sam")
    const answers = []
    for (let i = 0; i < 6; i++) {
      answers.push(yield* (i % 2 === 0 ? sam : other).code({ type: "join", invite: i === 0 ? invite : `guess${i}` }))
    }
    assert.deepStrictEqual(answers, [...Array.from({ length: 5 }, () => "not_found"), "rate_limited"])
    const good = yield* olga.ask({ type: "create_invite", group }, "invite")
    const refused = yield* sam.ask({ type: "join", invite: good.invite }, "error")
    assert.deepStrictEqual([refused.code, refused.temporary], ["rate_limited", true])
    assert.isAbove(refused.retry_after_ms ?? 0, 0)
    // Others are not counted with them.
    const tom = yield* join("tom")
    assert.strictEqual(yield* tom.code({ type: "join", invite: good.invite }), "group_info")
  }, { settings: unlimitedFrames })

  served("two who come at once by the last use: one is in", function*() {
    const { group, olga } = yield* cast
    const guests = yield* Effect.forEach(["g1", "g2", "g3", "g4"], join)
    const { invite } = yield* olga.ask({ type: "create_invite", group, uses: 1 }, "invite")
    const answers = yield* Effect.forEach(guests, (guest) => guest.code({ type: "join", invite }), {
      concurrency: "unbounded"
    })
    assert.deepStrictEqual(answers.toSorted(), ["group_info", "not_found", "not_found", "not_found"])
  })

  served(
    "a report goes to the operator and to those who look after the group, once, without its maker's name",
    function*(port) {
      const { adam, ben, conversation, group, mia, olga, rita, sam } = yield* cast
      const seq = yield* say(adam, { group }, "rude words")
      const report = { type: "report", group, seq, reason: "rude" }
      for (const who of [sam, rita, ben]) assert.include(["not_found", "not_a_member"], yield* who.code(report))
      for (const about of [{ seq: 1 }, { seq: seq + 1 }]) {
        assert.strictEqual(yield* mia.code({ ...report, ...about }), "not_found")
      }
      assert.strictEqual(yield* adam.code(report), "invalid_target")
      const answer = yield* mia.ask(report, "reported")
      assert.deepStrictEqual<unknown>([answer.conversation, answer.seq], [conversation, seq])
      const told = yield* olga.waitFor("message_reported")
      assert.deepStrictEqual<unknown>([told.conversation, told.seq, told.reason], [conversation, seq, "rude"])
      assert.notProperty(told, "by")
      // Its author does not hear of it, nor who does not look after the group; and once is enough.
      assert.strictEqual(yield* mia.code({ ...report, reason: "again" }), "reported")
      yield* Effect.forEach([olga, adam, mia], (who) => who.ask({ type: "ping" }))
      assert.deepStrictEqual([olga, adam, mia].map((who) => who.all("message_reported").length), [1, 0, 0])
      // A delete hides nothing from the operator.
      yield* adam.ask({ type: "delete_message", group, seq }, "message_accepted")
      const client = yield* adminClient(port)
      const { reports } = yield* client.reports.list({ query: { state: "open" } })
      assert.deepStrictEqual(reports.map(({ author, reason, reporter, text }) => [author, reporter, reason, text]), [
        ["adam", "mia", "rude", "rude words"]
      ])
      const closed = yield* client.reports.close({ params: { report: reports[0]!.id } })
      assert.isNumber(closed.closed_at)
      assert.deepStrictEqual((yield* client.reports.list({ query: { state: "open" } })).reports, [])
      assert.lengthOf((yield* client.reports.list({ query: { user: UserId.make("adam") } })).reports, 1)
      // What a block hides is not there to be reported.
      yield* mia.ask({ type: "block", user: "olga" }, "blocked_users")
      const hidden = yield* say(olga, { group }, "unseen")
      assert.strictEqual(yield* mia.code({ type: "report", group, seq: hidden }), "not_found")
      yield* client.users.eraseUser({ params: { user: UserId.make("mia") } })
      assert.deepStrictEqual((yield* client.reports.list({ query: {} })).reports, [])
    },
    { access, settings: unlimitedFrames }
  )

  served("in a direct conversation a report is the operator's alone; a user makes so many in an hour", function*(port) {
    const [alice, bob] = [yield* join("alice"), yield* join("bob")]
    const seq = yield* say(bob, { recipient: "alice" }, "rude")
    assert.strictEqual(yield* alice.code({ type: "report", recipient: "bob", seq }), "reported")
    assert.strictEqual(yield* alice.code({ type: "report", recipient: "carol", seq }), "not_found")
    for (let i = 0; i < 18; i++) yield* alice.code({ type: "report", recipient: "bob", seq: 7 })
    assert.strictEqual(yield* alice.code({ type: "report", recipient: "bob", seq }), "rate_limited")
    assert.deepStrictEqual(bob.all("message_reported"), [])
    assert.lengthOf((yield* (yield* adminClient(port)).reports.list({ query: {} })).reports, 1)
  }, { access, settings: unlimitedFrames })
})
