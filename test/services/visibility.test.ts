/**
 * P8: who may see, hear, touch or tell apart what. The table is the one of docs/security.md; each of its cells is tried,
 * on each store, over real sockets. What it is about is one message of olga's, the secret, and who looks is vic.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Deferred, Effect, Layer, Stream } from "effect"
import { readFileSync } from "node:fs"
import { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { Bans } from "../../src/services/admission/Bans.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { PersonalData } from "../../src/services/storage/PersonalData.ts"
import { type Person, person } from "../support/Person.ts"
import { root } from "../support/ServerProcess.ts"
import { stores } from "../support/stores.ts"
import { open } from "../support/TestClient.ts"
import { TestServer, testServer, unlimitedFrames } from "../support/TestServer.ts"

const secret = "the secret"

/** How vic stands to the secret. `vic` is nobody where they cannot connect. */
interface Scene {
  readonly vic: Person | undefined
  readonly olga: Person | undefined
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
  readonly olga: Person
  readonly vic: Person
  readonly bob: Person
}

const seqOf = (frame: ServerFrame): number =>
  frame.type === "message_accepted" ? frame.seq : assert.fail(JSON.stringify(frame))

const say = (from: Person, to: object, text: string) =>
  Effect.map(from.ask({ type: "chat_message", ...to, text }), seqOf)

/** What was committed until now is with everybody whom it concerns. */
const told = Effect.fnUntraced(function*(...people: ReadonlyArray<Person>) {
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
const arrived = Effect.fnUntraced(function*(who: Person, friend: Person) {
  for (const text of [markers.next().value, markers.next().value]) {
    yield* say(friend, { recipient: who.user }, text)
    yield* who.until((frame): frame is ServerFrame => frame.type === "incoming_message" && frame.text === text)
  }
})

const heard = (who: Person): boolean =>
  who.heard.some((frame) => frame.type === "incoming_message" && frame.text === secret)

const sayIt = Effect.fnUntraced(function*(olga: Person, to: object, vic?: Person) {
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
  })
  if (info.type !== "group_info") return assert.fail(JSON.stringify(info))
  const { conversation, group } = info
  return { conversation: conversation as string, group, hers: { group }, his: { group } }
})

const change = Effect.fnUntraced(function*(who: Person, frame: object) {
  const answer = yield* who.ask(frame)
  assert.strictEqual(answer.type, "group_info", JSON.stringify(answer))
})

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

const outOfGroup = Effect.fnUntraced(function*(cast: Cast, how: "removed" | "left") {
  const scene = yield* createGroup(cast, [cast.vic.user])
  if (how === "left") yield* change(cast.vic, { type: "leave_group", ...scene.his })
  else yield* change(cast.olga, { type: "remove_members", ...scene.hers, members: [cast.vic.user] })
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
  return yield* person({ port, user: vic.user })
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
  "stranger to a group": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* createGroup(cast, [])
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "peer": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* peers(cast)
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "has blocked the peer": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* peers(cast)
    yield* cast.vic.ask({ type: "block", user: cast.olga.user })
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "is blocked by the peer": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* peers(cast)
    yield* cast.olga.ask({ type: "block", user: cast.vic.user })
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "member": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* inGroup(cast)
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "admin": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* inGroup(cast, "admin")
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "owner": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* inGroup(cast, "owner")
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "member who has blocked who said it": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* inGroup(cast)
    yield* cast.vic.ask({ type: "block", user: cast.olga.user })
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "member whom they have blocked": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* inGroup(cast)
    yield* cast.olga.ask({ type: "block", user: cast.vic.user })
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "new member, what was before": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* createGroup(cast, [])
    const said = yield* sayIt(cast.olga, scene.hers, cast.vic)
    yield* change(cast.olga, { type: "add_members", ...scene.hers, members: [cast.vic.user] })
    return { ...cast, ...scene, ...said }
  }),
  "new member where `history` is `all`": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* createGroup(cast, [], "all")
    const said = yield* sayIt(cast.olga, scene.hers, cast.vic)
    yield* change(cast.olga, { type: "add_members", ...scene.hers, members: [cast.vic.user] })
    return { ...cast, ...scene, ...said }
  }),
  "removed": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* outOfGroup(cast, "removed")
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "has left": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* outOfGroup(cast, "left")
    return { ...cast, ...scene, ...(yield* sayIt(cast.olga, scene.hers, cast.vic)) }
  }),
  "came back, what was meanwhile": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* outOfGroup(cast, "left")
    const said = yield* sayIt(cast.olga, scene.hers, cast.vic)
    yield* change(cast.olga, { type: "add_members", ...scene.hers, members: [cast.vic.user] })
    return { ...cast, ...scene, ...said }
  }),
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
  "new owner of an erased name": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* peers(cast)
    const { seq } = yield* sayIt(cast.olga, scene.hers)
    const vic = yield* heir(cast)
    return { ...cast, ...scene, vic, seq, heardLive: heard(vic) }
  }),
  "new owner of a member's erased name": Effect.fnUntraced(function*(cast: Cast) {
    const scene = yield* inGroup(cast)
    const { seq } = yield* sayIt(cast.olga, scene.hers)
    const vic = yield* heir(cast)
    return { ...cast, ...scene, vic, seq, heardLive: heard(vic) }
  }),
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

const vicAsks = (vic: Person, frame: object) => Effect.map(vic.ask(frame), outcome)

const backlog = Effect.fnUntraced(function*({ seq, conversation }: Scene, vic: Person, friend: Person) {
  const { port } = yield* TestServer
  const fresh = yield* person({ port, user: vic.user, device: `fresh-${vic.user}` })
  yield* arrived(fresh, friend)
  if (heard(fresh)) return "yes"
  const place = fresh.heard.some((frame) =>
    frame.type === "incoming_message" && frame.conversation === conversation && frame.seq === seq
  )
  return place ? "hidden" : "no"
})

const history = Effect.fnUntraced(function*({ his, seq }: Scene, vic: Person) {
  const page = yield* vic.ask({ type: "history", ...his, after: 0, limit: 100 })
  if (page.type !== "history_page") return outcome(page)
  const entry = page.messages.find((each) => each.seq === seq)
  if (entry === undefined) return "no"
  return entry.kind === "text" && entry.text === secret ? "yes" : "hidden"
})

const list = Effect.fnUntraced(function*({ conversation }: Scene, vic: Person) {
  const page = yield* vic.ask({ type: "conversations", limit: 100 })
  if (page.type !== "conversation_list") return outcome(page)
  const item = page.conversations.find((each) => each.conversation === conversation)
  return item === undefined ? "no" : item.unread > 0 ? "yes" : "hidden"
})

/** Whether vic learns that olga has read the secret. */
const receipts = Effect.fnUntraced(function*({ conversation, his, olga, seq }: Scene, vic: Person, friend: Person) {
  if (olga !== undefined) {
    const { port } = yield* TestServer
    const elsewhere = yield* person({ port, user: olga.user, device: "elsewhere" })
    yield* arrived(elsewhere, friend)
    olga.tell({ type: "read", conversation, up_to: seq })
    yield* elsewhere.until((frame): frame is ServerFrame =>
      frame.type === "receipt" && frame.user === olga.user && frame.read >= seq
    )
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
})

const presence = Effect.fnUntraced(function*({ olga }: Scene, vic: Person, name: string) {
  vic.tell({ type: "subscribe_presence", users: [name] })
  const frame = yield* vic.until((each): each is Extract<ServerFrame, { readonly type: "presence" }> =>
    each.type === "presence" && each.user === name
  )
  assert.isTrue(olga !== undefined || frame.status === "offline")
  return frame.status === "online" ? "yes" : "no"
})

const typing = Effect.fnUntraced(function*({ conversation, hers, olga }: Scene, vic: Person) {
  if (olga === undefined) return "no"
  olga.tell({ type: "typing", ...hers, active: true })
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

const groupVerbs = Effect.fnUntraced(function*({ his }: Scene, vic: Person, n: string) {
  return {
    info: yield* vicAsks(vic, { type: "group_info", ...his }),
    add: yield* vicAsks(vic, { type: "add_members", ...his, members: [`nina-${n}`] }),
    remove: yield* vicAsks(vic, { type: "remove_members", ...his, members: [`gus-${n}`] }),
    role: yield* vicAsks(vic, { type: "set_role", ...his, user: `bob-${n}`, role: "admin" }),
    rename: yield* vicAsks(vic, { type: "rename_group", ...his, name: "coffee" }),
    leave: yield* vicAsks(vic, { type: "leave_group", ...his })
  }
})

const noGroup = { info: "–", add: "–", remove: "–", role: "–", rename: "–", leave: "–" }
const out = "out"

/** Everything that vic can try, what only looks before what changes something. */
const tryAll = Effect.fnUntraced(function*(scene: Scene, cast: Cast, friend: Person) {
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
    list: yield* list(scene, vic),
    receipts: yield* receipts(scene, vic, friend),
    presence: yield* presence(scene, vic, cast.olga.user),
    typing: yield* typing(scene, vic)
  }
  const target = { ...his, seq }
  return {
    ...looks,
    reply: yield* vicAsks(vic, { type: "chat_message", ...his, text: "yes?", reply_to: seq }),
    react: yield* vicAsks(vic, { type: "react", ...target, emoji: "👍" }),
    edit: yield* vicAsks(vic, { type: "edit_message", ...target, text: "another" }),
    delete: yield* vicAsks(vic, { type: "delete_message", ...target }),
    ...("group" in his ? yield* groupVerbs(scene, vic, cast.n) : noGroup),
    export: kept
  } satisfies Record<Verb, string>
})

const verbs = {
  live: "",
  backlog: "",
  history: "",
  list: "",
  receipts: "",
  presence: "",
  typing: "",
  reply: "",
  react: "",
  edit: "",
  delete: "",
  info: "",
  add: "",
  remove: "",
  role: "",
  rename: "",
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
  const join = (name: string) => person({ port, user: `${name}-${n}` })
  const cast = { n, olga: yield* join("olga"), vic: yield* join("vic"), bob: yield* join("bob") }
  const friend = yield* join("friend")
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
