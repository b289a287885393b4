/** Who is connected, on this server and on the others, as administrators see it; and the end of a connection by its name. */
import { Context, Effect, HashMap, Layer } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import type { SessionId, UserId } from "../../domain/Ids.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { Cluster } from "../cluster/Cluster.ts"
import type { Answer, ConnectionInfo, Question } from "../cluster/connectionList.ts"
import { inSteps } from "../kernel/inSteps.ts"
import { Least } from "../kernel/Least.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Router } from "../server/Router.ts"
import { sessionsIn } from "../session/Audience.ts"
import type { Session } from "../session/Session.ts"

export interface ConnectionPage {
  readonly connections: ReadonlyArray<ConnectionInfo>
  readonly hasMore: boolean
  /** Servers that did not answer in time: their connections are not in it. */
  readonly missing: ReadonlyArray<string>
}

export interface ListOptions {
  readonly user?: UserId
  readonly after?: SessionId
  readonly limit: number
}

/** Users with a connection somewhere, and how many connections there are. */
export interface ConnectionCounts {
  readonly connections: number
  readonly users: number
}

const infoOf = (node: string | undefined) => (session: Session): ConnectionInfo => ({
  session: session.session,
  user: session.user,
  device: session.device,
  level: session.level,
  address: session.origin.address,
  connected_at: session.origin.connectedAt,
  buffered_bytes: session.connection.buffered(),
  ...(node === undefined ? undefined : { node })
})

export class Connections extends Context.Service<Connections, {
  /** In the order of their sessions, wherever they are. */
  list(options: ListOptions): Effect.Effect<ConnectionPage>
  /**
   * Ends this connection with 4503. Returns whether there was one; where a server could not be asked, it is told through
   * the journal, and then there is none any more.
   */
  end(session: SessionId): Effect.Effect<boolean, ChatError>
  /** How many connections the user has. */
  of(user: UserId): Effect.Effect<number>
  /** The first users after that one who have a connection, in the order of their ids. */
  users(options: { readonly after?: UserId; readonly limit: number }): Effect.Effect<ReadonlyArray<UserId>>
  /** On this server, and on all of them. */
  readonly counts: Effect.Effect<{ readonly here: ConnectionCounts; readonly all: ConnectionCounts }>
}>()("switchboard/services/admin/Connections") {
  static readonly layer = Layer.effect(
    Connections,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const cluster = yield* Cluster
      const router = yield* Router
      const { note } = yield* PersistenceActor
      const describe = infoOf(cluster?.node)

      const listHere = Effect.fnUntraced(function*({ after, limit, user }: ListOptions) {
        const registry = yield* router.registry
        const least = new Least<ConnectionInfo>({ after, most: limit })
        const add = (sessions: ReadonlyArray<Session>) => {
          for (const session of sessions) least.add(session.session, () => describe(session))
        }
        if (user === undefined) yield* inSteps(HashMap.values(registry), add)
        else add(sessionsIn(registry, user))
        return least.items
      })

      const endHere = Effect.fnUntraced(function*(session: SessionId) {
        let user: UserId | undefined
        const ended = yield* router.kick((ref) => {
          if (ref.session !== session) return false
          user = ref.user
          return true
        })
        if (ended > 0) yield* audit.record("Admin.disconnected", { session, user })
        return ended > 0
      })

      cluster?.onQuestion((question: Question): Effect.Effect<Answer> =>
        question.about === "connections"
          ? Effect.map(listHere(question), (connections) => ({ about: "connections", connections }))
          : Effect.map(endHere(question.session), (ended) => ({ about: "end", ended }))
      )

      const list = Effect.fn("Connections.list")(function*({ limit, ...options }: ListOptions) {
        const question = { ...options, limit: limit + 1 }
        const [here, others] = yield* Effect.all([
          listHere(question),
          cluster === undefined ? Effect.undefined : cluster.ask({ about: "connections", ...question })
        ], { concurrency: "unbounded" })
        const least = new Least<ConnectionInfo>({ after: options.after, most: limit + 1 })
        const heard = others?.answers.flatMap((answer) => answer.about === "connections" ? answer.connections : []) ??
          []
        for (const each of [...here, ...heard]) least.add(each.session, () => each)
        return {
          connections: least.items.slice(0, limit),
          hasMore: least.items.length > limit,
          missing: others?.missing ?? []
        }
      })

      const end = Effect.fn("Connections.end")(function*(session: SessionId) {
        if (yield* endHere(session)) return true
        if (cluster === undefined) return false
        const { answers, missing } = yield* cluster.ask({ about: "end", session })
        if (answers.some((answer) => answer.about === "end" && answer.ended)) return true
        if (missing.length === 0) return false
        yield* note({ _tag: "Kick", kind: "session", id: session })
        yield* audit.record("Admin.disconnected", { session, untold: missing.join(" ") })
        return true
      })

      const users = Effect.fn("Connections.users")(
        function*({ after, limit }: { readonly after?: UserId; readonly limit: number }) {
          const least = new Least<UserId>({ after, most: limit })
          const add = (user: UserId) => least.add(user, () => user)
          yield* inSteps(HashMap.keys(yield* router.registry), add)
          if (cluster !== undefined) yield* inSteps(cluster.users(), add)
          return least.items
        }
      )

      const counts = Effect.gen(function*() {
        const registry = yield* router.registry
        let connections = 0
        yield* inSteps(HashMap.values(registry), (sessions) => {
          connections += sessions.length
        })
        const here = { connections, users: HashMap.size(registry) }
        if (cluster === undefined) return { here, all: here }
        const elsewhere = new Set<UserId>()
        yield* inSteps(cluster.users(), (user) => {
          if (!HashMap.has(registry, user)) elsewhere.add(user)
        })
        const { nodes } = yield* cluster.status
        const all = {
          connections: nodes.reduce((sum, node) => sum + node.connections, here.connections),
          users: here.users + elsewhere.size
        }
        return { here, all }
      })

      return Connections.of({
        list,
        end,
        of: (user) =>
          Effect.map(
            router.registry,
            (registry) => sessionsIn(registry, user).length + (cluster?.connections(user) ?? 0)
          ),
        users,
        counts
      })
    })
  )
}
