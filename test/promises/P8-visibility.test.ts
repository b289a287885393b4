/**
 * P8: who may see, hear, touch or tell apart what. The table is the one of docs/security.md; each of its cells is tried,
 * on each store, over real sockets. What it is about is one message of olga's, the secret, and who looks is vic.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Deferred, Effect, Layer, Stream } from "effect"
import { readFileSync } from "node:fs"
import { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { SearchAdmin } from "../../src/services/admin/SearchAdmin.ts"
import { Bans } from "../../src/services/admission/Bans.ts"
import { PersonalData } from "../../src/services/personal/PersonalData.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { root } from "../support/ServerProcess.ts"
import { stores } from "../support/stores.ts"
import { connect, open, type TestClient } from "../support/TestClient.ts"
import { TestServer, testServer, unlimitedFrames } from "../support/TestServer.ts"

const secret = "the secret"

/** How vic stands to the secret. `vic` is nobody where they cannot connect. */
interface Scene {
  readonly vic: TestClient | undefined
  readonly olga: TestClient | undefined
  readonly conversation: string
  /** How olga and vic name it. */
  readonly hers: object
  readonly his: object
  readonly seq: number
  readonly heardLive: boolean
}

/** Names of their own for each scene, so that all can be on one server. */
interface Cast {
  readonly n: string
  readonly olga: TestClient
  readonly vic: TestClient
  readonly bob: TestClient
}

const say = (from: TestClient, to: object, text: string) =>
  Effect.map(from.ask({ type: "chat_message", ...to, text }, "message_accepted"), ({ seq }) => seq)

/** What was committed until now is with everybody whom it concerns. */
const told = Effect.fnUntraced(function*(...people: ReadonlyArray<TestClient>) {
  yield* (yield* ServerActor).flush
  for (const each of people) yield* each.ask({ type: "ping" })
})

/** Texts that were not said before. */
const markers = function*() {
  for (let n = 0;; n++) yield `marker ${n}`
}()

/**
 * Two messages one after the other: when the second has come, whatever was read from the store is there too, and what is
 * said from here on comes at once.
 */
const arrived = Effect.fnUntraced(function*(who: TestClient, friend: TestClient) {
  for (const text of [markers.next().value, markers.next().value]) {
    yield* say(friend, { recipient: who.user }, text)
    yield* who.waitFor("incoming_message", (frame) => frame.text === text)
  }
})

const heard = (who: TestClient): boolean => who.texts.includes(secret)

const sayIt = Effect.fnUntraced(function*(olga: TestClient, to: object, vic?: TestClient) {
  const seq = yield* say(olga, to, secret)
  if (vic === undefined) return { seq, heardLive: false }
  yield* told(vic)
  return { seq, heardLive: heard(vic) }
})

const direct = ({ olga, vic }: Cast) => ({
  conversation: `dm:${[olga.user, vic.user].sort().join(":")}`,
  hers: { recipient: vic.user },
  his: { recipient: olga.user }
})

const createGroup = Effect.fnUntraced(function*(
  { bob, n, olga }: Cast,
  members: ReadonlyArray<string>,
  history: "joined" | "all" = "joined"
) {
  const info = yield* olga.ask({
    type: "create_group",
    name: "tea",
    members: [...members, bob.user, `gus-${n}`],
    history
  }, "group_info")
  const { conversation, group } = info
  return { conversation: conversation as string, group, hers: { group }, his: { group } }
})

const change = (who: TestClient, frame: object) => who.ask(frame, "group_info")

/** A direct conversation that vic has begun, so that only the secret is there to be counted. */
const peers = Effect.fnUntraced(function*(cast: Cast) {
  const scene = direct(cast)
  yield* say(cast.vic, scene.his, "hello")
  return scene
})

const inGroup = Effect.fnUntraced(function*(cast: Cast, role: "member" | "admin" | "owner" = "member") {
  const scene = yield* createGroup(cast, [cast.vic.user])
  if (role !== "member") yield* change(cast.olga, { type: "set_role", ...scene.hers, user: cast.vic.user, role })
  return scene
})

const outOfGroup = Effect.fnUntraced(function*(cast: Cast, how: "removed" | "left" | "banned") {
  const scene = yield* createGroup(cast, [cast.vic.user])
  if (how === "left") yield* change(cast.vic, { type: "leave_group", ...scene.his })
  else {
    const type = how === "banned" ? "ban_members" : "remove_members"
    yield* change(cast.olga, { type, ...scene.hers, members: [cast.vic.user] })
  }
  return scene
})

const erase = Effect.fnUntraced(function*(user: string) {
  yield* (yield* MessageStore).eraseUser(UserId.make(user))
})

/** Somebody new under a name that was erased; whoever had it is gone. */
const heir = Effect.fnUntraced(function*({ vic }: Cast) {
  yield* erase(vic.user)
  yield* vic.closed
  const { port } = yield* TestServer
  return yield* connect({ level: "v1", port, user: vic.user })
})

type Setting = Pick<Scene, "conversation" | "hers" | "his">
type Set = (cast: Cast) => Effect.Effect<Setting>

const vicBlocks = ({ olga, vic }: Cast) => vic.ask({ type: "block", user: olga.user }, "blocked_users")
const olgaBlocks = ({ olga, vic }: Cast) => olga.ask({ type: "block", user: vic.user }, "blocked_users")

const saidAfter = (set: Set, then: (cast: Cast) => Effect.Effect<unknown> = () => Effect.void) =>
  Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* set(cast)
    yield* then(cast)
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  })

const saidBeforeVicIsAdded = (set: Set) =>
  Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* set(cast)
    const said = yield* sayIt(cast.olga, scene.hers, cast.vic)
    yield* change(cast.olga, { type: "add_members", ...scene.hers, members: [cast.vic.user] })
    return { ...cast, ...scene, ...said }
  })

const saidBeforeTheHeir = (set: Set) =>
  Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* set(cast)
    const { seq } = yield* sayIt(cast.olga, scene.hers)
    const vic = yield* heir(cast)
    return { ...cast, ...scene, vic, seq, heardLive: heard(vic) }
  })

const scenes = {
  "stranger to a conversation": Effect.fnUntraced(function*(cast: Cast) {
    const { bob, olga, vic } = cast
    const conversation = `dm:${[olga.user, bob.user].sort().join(":")}`
    yield* say(bob, { recipient: olga.user }, "hello")
    return {
      ...cast,
      conversation,
      hers: { recipient: bob.user },
      his: { conversation },
      ...(yield* sayIt(olga, { recipient: bob.user }, vic))
    }
  }),
  "stranger to a group": saidAfter((cast) => createGroup(cast, [])),
  "peer": saidAfter(peers),
  "has blocked the peer": saidAfter(peers, vicBlocks),
  "is blocked by the peer": saidAfter(peers, olgaBlocks),
  "member": saidAfter(inGroup),
  "admin": saidAfter((cast) => inGroup(cast, "admin")),
  "owner": saidAfter((cast) => inGroup(cast, "owner")),
  "member who has blocked who said it": saidAfter(inGroup, vicBlocks),
  "member whom they have blocked": saidAfter(inGroup, olgaBlocks),
  "new member, what was before": saidBeforeVicIsAdded((cast) => createGroup(cast, [])),
  "new member where `history` is `all`": saidBeforeVicIsAdded((cast) => createGroup(cast, [], "all")),
  "removed": saidAfter((cast) => outOfGroup(cast, "removed")),
  "banned from the group": saidAfter((cast) => outOfGroup(cast, "banned")),
  "has left": saidAfter((cast) => outOfGroup(cast, "left")),
  "came back, what was meanwhile": saidBeforeVicIsAdded((cast) => outOfGroup(cast, "left")),
  "banned": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* peers(cast)
    yield* (yield* Bans).ban({ kind: "user", id: cast.vic.user })
    yield* cast.vic.closed
    const said = yield* sayIt(cast.olga, scene.hers)
    const { port } = yield* TestServer
    const refusal = yield* Effect.flip(open({ port, user: cast.vic.user }))
    assert.strictEqual(refusal.status, 403)
    return { ...cast, ...scene, ...said, vic: undefined }
  }),
  "new owner of an erased name": saidBeforeTheHeir(peers),
  "new owner of a member's erased name": saidBeforeTheHeir(inGroup),
  "peer of who was erased": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* peers(cast)
    const said = yield* sayIt(cast.olga, scene.hers, cast.vic)
    yield* erase(cast.olga.user)
    yield* cast.olga.closed
    return { ...cast, ...scene, ...said, olga: undefined }
  })
} satisfies Record<string, (cast: Cast) => Effect.Effect<Scene, unknown, unknown>>

type Relation = keyof typeof scenes

const outcome = (frame: ServerFrame): string => frame.type === "error" ? frame.code : "yes"

const vicAsks = (vic: TestClient, frame: object) => Effect.map(vic.ask(frame), outcome)

const backlog = Effect.fnUntraced(function*({ seq, conversation }: Scene, vic: TestClient, friend: TestClient) {
  const { port } = yield* TestServer
  const fresh = yield* connect({ level: "v1", port, user: vic.user, device: `fresh-${vic.user}` })
  yield* arrived(fresh, friend)
  if (heard(fresh)) return "yes"
  const place = fresh.heard.some((frame) =>
    frame.type === "incoming_message" && frame.conversation === conversation && frame.seq === seq
  )
  return place ? "hidden" : "no"
})

const history = Effect.fnUntraced(function*({ his, seq }: Scene, vic: TestClient) {
  const page = yield* vic.ask({ type: "history", ...his, after: 0, limit: 100 })
  if (page.type !== "history_page") return outcome(page)
  const entry = page.messages.find((each) => each.seq === seq)
  if (entry === undefined) return "no"
  return entry.kind === "text" && entry.text === secret ? "yes" : "hidden"
})

/** In the conversation; and what is found there is found everywhere, and nothing else. */
const search = Effect.fnUntraced(function*({ conversation, his, seq }: Scene, vic: TestClient) {
  const look = (where: object) => vic.ask({ type: "search", query: secret, ...where })
  const isIt = (hit: { readonly conversation: string; readonly seq: number }) =>
    hit.conversation === conversation && hit.seq === seq
  const everywhere = yield* look({})
  assert.isTrue(everywhere.type === "search_result")
  const found = everywhere.type === "search_result" && everywhere.hits.some(isIt)
  // The operator who asks for them is told the same.
  const operator = yield* (yield* SearchAdmin).find({ query: secret, user: UserId.make(vic.user) })
  assert.strictEqual(operator.hits.some(isIt), found)
  const here = yield* look(his)
  if (here.type !== "search_result") {
    assert.isFalse(found)
    return outcome(here)
  }
  assert.strictEqual(here.hits.some(isIt), found)
  return found ? "yes" : "no"
})

const list = Effect.fnUntraced(function*({ conversation }: Scene, vic: TestClient) {
  const page = yield* vic.ask({ type: "conversations", limit: 100 })
  if (page.type !== "conversation_list") return outcome(page)
  const item = page.conversations.find((each) => each.conversation === conversation)
  return item === undefined ? "no" : item.unread > 0 ? "yes" : "hidden"
})

/** Whether vic learns that olga has read the secret. */
const receipts = Effect.fnUntraced(
  function*({ conversation, his, olga, seq }: Scene, vic: TestClient, friend: TestClient) {
    if (olga !== undefined) {
      const { port } = yield* TestServer
      const elsewhere = yield* connect({ level: "v1", port, user: olga.user, device: "elsewhere" })
      yield* arrived(elsewhere, friend)
      olga.send({ type: "read", conversation, up_to: seq })
      yield* elsewhere.waitFor("receipt", (frame) => frame.user === olga.user && frame.read >= seq)
      yield* told(vic)
    }
    const pushed = vic.heard.some((frame) =>
      frame.type === "receipt" && frame.conversation === conversation && frame.user === olga?.user && frame.read >= seq
    )
    const answer = yield* vic.ask({ type: "receipts", ...his })
    if (answer.type !== "receipt_list") return outcome(answer)
    const knows = answer.receipts.some(({ read, user }) => user === olga?.user && read >= seq)
    assert.strictEqual(pushed, knows, "what is pushed is what is answered")
    return knows ? "yes" : "no"
  }
)

const presence = Effect.fnUntraced(function*({ olga }: Scene, vic: TestClient, name: string) {
  vic.send({ type: "subscribe_presence", users: [name] })
  const frame = yield* vic.waitFor("presence", ({ user }) => user === name)
  assert.isTrue(olga !== undefined || frame.status === "offline")
  return frame.status === "online" ? "yes" : "no"
})

/** Olga's name, asked for and in lists. */
const profile = Effect.fnUntraced(function*({ conversation, his }: Scene, vic: TestClient, name: string) {
  const { profiles, unknown } = yield* vic.ask({ type: "profiles", users: [name] }, "profiles")
  assert.isUndefined(unknown)
  const sees = profiles.some((each) => each.user === name && each.name === "Olga")
  assert.strictEqual(profiles.length, sees ? 1 : 0)
  for (const order of [undefined, "recent"]) {
    const list = yield* vic.ask({ type: "conversations", limit: 100, ...(order && { order }) }, "conversation_list")
    const item = list.conversations.find((each) => each.conversation === conversation)
    if (item?.peer === name) assert.strictEqual(item.name, sees ? "Olga" : undefined)
  }
  const info = "group" in his ? yield* vic.ask({ type: "group_info", ...his }) : undefined
  if (info?.type === "group_info") {
    assert.strictEqual(info.members.find(({ user }) => user === name)?.name, sees ? "Olga" : undefined)
  }
  return sees ? "yes" : "no"
})

const typing = Effect.fnUntraced(function*({ conversation, hers, olga }: Scene, vic: TestClient) {
  if (olga === undefined) return "no"
  olga.send({ type: "typing", ...hers, active: true })
  yield* olga.ask({ type: "ping" })
  yield* told(vic)
  const hears = vic.heard.some((frame) =>
    frame.type === "typing" && frame.conversation === conversation && frame.user === olga.user && frame.active
  )
  return hears ? "yes" : "no"
})

const exported = Effect.fnUntraced(function*(user: string) {
  const parts = yield* Effect.flatMap(PersonalData, (data) => data.export(UserId.make(user))).pipe(
    Effect.provide(PersonalData.layer)
  )
  return parts === undefined ? "" : yield* Stream.mkString(parts)
})

const groupVerbs = Effect.fnUntraced(function*({ his }: Scene, vic: TestClient, n: string) {
  return {
    info: yield* vicAsks(vic, { type: "group_info", ...his }),
    add: yield* vicAsks(vic, { type: "add_members", ...his, members: [`nina-${n}`] }),
    remove: yield* vicAsks(vic, { type: "remove_members", ...his, members: [`gus-${n}`] }),
    role: yield* vicAsks(vic, { type: "set_role", ...his, user: `bob-${n}`, role: "admin" }),
    rename: yield* vicAsks(vic, { type: "rename_group", ...his, name: "coffee" }),
    describe: yield* vicAsks(vic, { type: "set_group", ...his, description: "at five" }),
    ban: yield* vicAsks(vic, { type: "ban_members", ...his, members: [`eve-${n}`] }),
    invite: yield* vicAsks(vic, { type: "create_invite", ...his }),
    leave: yield* vicAsks(vic, { type: "leave_group", ...his })
  }
})

const noGroup = {
  info: "–",
  add: "–",
  remove: "–",
  role: "–",
  rename: "–",
  describe: "–",
  ban: "–",
  invite: "–",
  leave: "–"
}
const out = "out"

/** Everything that vic can try, what only looks before what changes something. */
const tryAll = Effect.fnUntraced(function*(scene: Scene, cast: Cast, friend: TestClient) {
  const { his, seq, vic } = scene
  const texts = yield* exported(cast.vic.user)
  const kept = texts.includes(secret) ? "yes" : "no"
  if (vic === undefined) {
    const words = Object.keys(verbs).map((verb) => [verb, verb in noGroup ? "–" : out])
    return { ...Object.fromEntries(words), export: kept } as Record<Verb, string>
  }
  const looks = {
    live: scene.heardLive ? "yes" : "no",
    backlog: yield* backlog(scene, vic, friend),
    history: yield* history(scene, vic),
    search: yield* search(scene, vic),
    list: yield* list(scene, vic),
    receipts: yield* receipts(scene, vic, friend),
    presence: yield* presence(scene, vic, cast.olga.user),
    profile: yield* profile(scene, vic, cast.olga.user),
    typing: yield* typing(scene, vic)
  }
  const target = { ...his, seq }
  return {
    ...looks,
    reply: yield* vicAsks(vic, { type: "chat_message", ...his, text: "yes?", reply_to: seq }),
    react: yield* vicAsks(vic, { type: "react", ...target, emoji: "👍" }),
    edit: yield* vicAsks(vic, { type: "edit_message", ...target, text: "another" }),
    report: yield* vicAsks(vic, { type: "report", ...target }),
    delete: yield* vicAsks(vic, { type: "delete_message", ...target }),
    ...("group" in his ? yield* groupVerbs(scene, vic, cast.n) : noGroup),
    export: kept
  } satisfies Record<Verb, string>
})

const verbs = {
  live: "",
  backlog: "",
  history: "",
  search: "",
  list: "",
  receipts: "",
  presence: "",
  profile: "",
  typing: "",
  reply: "",
  react: "",
  edit: "",
  report: "",
  delete: "",
  info: "",
  add: "",
  remove: "",
  role: "",
  rename: "",
  describe: "",
  ban: "",
  invite: "",
  leave: "",
  export: ""
}
type Verb = keyof typeof verbs

const cells = (line: string) => line.split("|").slice(1, -1).map((cell) => cell.trim())

/** The rows of the table under this heading, by their first cell. */
const tableOf = (heading: string): ReadonlyMap<string, Readonly<Record<string, string>>> => {
  const page = readFileSync(`${root}docs/security.md`, "utf8")
  const lines = page.slice(page.indexOf(`\n## ${heading}\n`)).split("\n")
  const from = lines.findIndex((line) => line.startsWith("|"))
  const to = lines.findIndex((line, i) => i > from && !line.startsWith("|"))
  const [head, , ...rows] = lines.slice(from, to).map(cells)
  return new Map(rows.map((row) => [row[0]!, Object.fromEntries(row.map((cell, i) => [head![i]!, cell]))]))
}

const wanted = tableOf("Who sees what")

const server = (store: Layer.Layer<MessageStore, unknown>) =>
  testServer({ store: Layer.orDie(store), settings: { ...unlimitedFrames, maxConnectionsPerSecond: 0 } })

let scenesPlayed = 0

/** The answers of one relation; played once, looked at cell by cell. */
const play = Effect.fnUntraced(function*(relation: Relation) {
  const { port } = yield* TestServer
  const n = `${scenesPlayed++}`
  const join = (name: string) => connect({ level: "v1", port, user: `${name}-${n}` })
  const cast = { n, olga: yield* join("olga"), vic: yield* join("vic"), bob: yield* join("bob") }
  const friend = yield* join("friend")
  yield* cast.olga.ask({ type: "set_profile", name: "Olga" }, "profile")
  yield* arrived(cast.vic, friend)
  const scene: Scene = yield* scenes[relation](cast)
  return yield* tryAll(scene, cast, friend)
}, Effect.scoped)

describe("who sees what", () => {
  assert.sameMembers(Array.from(wanted.keys()), Object.keys(scenes))

  for (const [name, store] of stores("visibility")) {
    layer(server(store), { excludeTestServices: true })(name, (it) => {
      for (const relation of Object.keys(scenes) as ReadonlyArray<Relation>) {
        const played = Deferred.makeUnsafe<Readonly<Record<Verb, string>>, unknown>()
        let begun = false
        for (const verb of Object.keys(verbs) as ReadonlyArray<Verb>) {
          it.effect(`${relation}: ${verb}`, () =>
            Effect.gen(function*() {
              if (!begun) {
                begun = true
                yield* Deferred.into(play(relation), played)
              }
              const answers = yield* Deferred.await(played)
              assert.strictEqual(answers[verb], wanted.get(relation)?.[verb], `${relation}: ${verb}`)
            }))
        }
      }
    })
  }
})
