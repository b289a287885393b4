/** Administrators see and end the connections of all servers from any one of them. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import { SessionId, UserId } from "../../../src/domain/Ids.ts"
import { Connections } from "../../../src/services/admin/Connections.ts"
import { Stats } from "../../../src/services/admin/Stats.ts"
import { Users } from "../../../src/services/admin/Users.ts"
import { Directory } from "../../../src/services/storage/Directory.ts"
import type { Journal } from "../../../src/services/storage/Journal.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import type { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { hubOf, type Node, startNode } from "../../support/nodes.ts"
import { until } from "../../support/until.ts"

const on = (node: Node) => Context.get(node.context, Connections)

/** So many connections have been registered on this server. */
const has = (node: Node, connections: number) =>
  until(Effect.map(on(node).counts, ({ here }) => here.connections === connections))

const holds = (condition: () => boolean) => until(Effect.sync(condition))

const live = (
  title: string,
  body: () => Generator<Effect.Effect<any, unknown, Directory | MessageStore | Journal | Scope.Scope>, void, never>
) => it.live(title, () => Effect.gen(body).pipe(Effect.scoped, Effect.provide(Layer.fresh(MemoryMessageStore.layer()))))

describe("connections of several servers", () => {
  live("are one list, wherever it is asked for, and end from anywhere", function*() {
    const hub = hubOf()
    const [a, b, c] = [yield* startNode(hub, "a"), yield* startNode(hub, "b"), yield* startNode(hub, "c")]
    yield* holds(() => [a, b, c].every(({ cluster }) => cluster.others() === 2))
    const bob = yield* a.join("bob")
    const bobToo = yield* b.join("bob", { device: "phone" })
    yield* c.join("alice")
    for (const node of [a, b, c]) yield* has(node, 1)
    const seen = [yield* on(a).list({ limit: 10 }), yield* on(b).list({ limit: 10 }), yield* on(c).list({ limit: 10 })]
    assert.deepStrictEqual(seen[0], seen[1])
    assert.deepStrictEqual(seen[1], seen[2])
    const { connections, hasMore, missing } = seen[0]!
    assert.deepStrictEqual([hasMore, missing], [false, []])
    assert.deepStrictEqual(
      connections.map(({ device, node, user }) => [user, device, node]).sort(),
      [
        ["alice", "default", c.cluster.node],
        ["bob", "default", a.cluster.node],
        ["bob", "phone", b.cluster.node]
      ].sort()
    )
    const sessions = connections.map(({ session }) => session)
    assert.deepStrictEqual(sessions, sessions.toSorted())

    const pages: Array<SessionId> = []
    for (let more = true; more;) {
      const last = pages.at(-1)
      const page = yield* on(b).list({ limit: 1, ...(last === undefined ? undefined : { after: last }) })
      pages.push(...page.connections.map(({ session }) => session))
      more = page.hasMore
    }
    assert.deepStrictEqual(pages, sessions)
    const bobs = yield* on(c).list({ user: UserId.make("bob"), limit: 10 })
    assert.lengthOf(bobs.connections, 2)

    const ofBob = bobs.connections.find(({ node }) => node === a.cluster.node)!
    assert.isTrue(yield* on(c).end(ofBob.session))
    yield* holds(() => bob.closedWith?.code === 4503)
    assert.isUndefined(bobToo.closedWith)
    assert.isFalse(yield* on(c).end(ofBob.session))
    assert.isFalse(yield* on(b).end(SessionId.make("constructor")))
  })

  live("a server that the bus does not reach is named, and told through the journal", function*() {
    const hub = hubOf()
    const [a, b] = [yield* startNode(hub, "a"), yield* startNode(hub, "b")]
    yield* holds(() => a.cluster.others() === 1 && b.cluster.others() === 1)
    const bob = yield* b.join("bob")
    yield* has(b, 1)
    const { connections } = yield* on(b).list({ limit: 10 })
    const [{ session }] = connections as readonly [typeof connections[number]]
    hub.cut("b")
    const seen = yield* on(a).list({ limit: 10 })
    assert.deepStrictEqual([seen.connections, seen.missing], [[], [b.cluster.node]])
    assert.isTrue(yield* on(a).end(session))
    yield* holds(() => bob.closedWith?.code === 4503)
    // Whoever is not there is not missed.
    assert.isTrue(yield* on(a).end(SessionId.make("nobody's")))
  })

  live("who is on another server is online here, counted once, and in the list of users", function*() {
    const hub = hubOf()
    const [a, b] = [yield* startNode(hub, "a"), yield* startNode(hub, "b")]
    yield* a.join("bob")
    yield* b.join("bob", { device: "phone" })
    yield* b.join("bob", { device: "tablet" })
    yield* b.join("carol")
    yield* has(a, 1)
    yield* holds(() => a.cluster.connections(UserId.make("bob")) === 2 && a.cluster.has(UserId.make("carol")))
    const { all, here } = yield* on(a).counts
    assert.deepStrictEqual([here, all.users], [{ connections: 1, users: 1 }, 2])
    assert.deepStrictEqual(yield* on(a).users({ limit: 10 }), [UserId.make("bob"), UserId.make("carol")])
    assert.deepStrictEqual(yield* on(a).users({ after: UserId.make("bob"), limit: 10 }), [UserId.make("carol")])
    assert.strictEqual(yield* on(a).of(UserId.make("bob")), 3)
    // What others say of their connections comes with their next sign of life.
    yield* until(Effect.map(on(a).counts, ({ all }) => all.connections === 4))
    const stats = yield* Context.get(a.context, Stats).now
    assert.deepStrictEqual(stats.nodes, [
      { node: a.cluster.node, self: true, connections: 1, users: 1, status: "up" },
      { node: b.cluster.node, self: false, connections: 3, users: 2, status: "up" }
    ])
  })

  live("an erasure that one server carries out ends the connections on all", function*() {
    const hub = hubOf()
    const [a, b] = [yield* startNode(hub, "a"), yield* startNode(hub, "b")]
    const [bob, bobToo] = [yield* a.join("bob"), yield* b.join("bob", { device: "phone" })]
    yield* bob.ask({ type: "chat_message", recipient: "alice", text: "hello" }, "message_accepted")
    assert.isTrue(yield* Context.get(a.context, Users).erase(UserId.make("bob")))
    yield* holds(() => bob.closedWith?.code === 4503 && bobToo.closedWith?.code === 4503)
    assert.isUndefined(yield* (yield* Directory).user(UserId.make("bob")))
  })
})
