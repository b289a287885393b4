/** Three servers, and four people who are there: what most stories of several processes begin with. */
import { Context, Effect, Layer } from "effect"
import { appendFileSync } from "node:fs"
import { logsAreRight, presenceIs, serversAreWell } from "./clusterLaws.ts"
import { peopleOf } from "./clusterPeople.ts"
import { type ClusterOptions, startCluster } from "./clusterProcesses.ts"

const make = Effect.fnUntraced(function*(options: ClusterOptions) {
  const cluster = yield* startCluster(options)
  const { begin, come, lags, say, talk } = peopleOf(cluster)
  const [a, b, c] = cluster.nodes
  const alice = yield* come({ user: "alice", device: "phone", at: a })
  const bob = yield* come({ user: "bob", device: "phone", at: b })
  const carol = yield* come({ user: "carol", device: "phone", at: c })
  const tablet = yield* come({ user: "carol", device: "tablet", at: a })
  const people = [alice, bob, carol, tablet]
  const { group } = yield* Effect.orDie(alice.client.createGroup("three", ["bob", "carol"]))
  // Wanda looks on: she may see them all, whoever is in the group.
  for (const { client } of people) yield* Effect.orDie(client.send({ recipient: "wanda" }, "hello"))

  /** What holds once everything is well again, in the order in which it is looked at. */
  const laws: ReadonlyArray<readonly [name: string, law: Effect.Effect<void>]> = [
    ["every server is ready and knows the others", cluster.complete],
    [
      "P1 to P5 everything accepted is stored, and came to everybody once and in order",
      Effect.orDie(logsAreRight(cluster, people, group))
    ],
    [
      "presence is the same everywhere, and right",
      presenceIs(cluster, "wanda", { alice: "online", bob: "online", carol: "online" })
    ],
    ["P7 no server made a mistake or keeps more than it should", Effect.sync(() => serversAreWell(cluster))]
  ]

  return {
    cluster,
    a,
    b,
    c,
    alice,
    bob,
    carol,
    tablet,
    people,
    group,
    begin,
    come,
    say,
    /** While this is done, everybody says something now and then; the lags are those of that time. */
    whileTalking: Effect.fnUntraced(function*<A, E, R>(story: string, body: Effect.Effect<A, E, R>, perSecond = 100) {
      lags.take()
      yield* Effect.scoped(Effect.andThen(talk(people, group, perSecond), body))
      // What is under way comes.
      yield* logsAreRight(cluster, people, group)
      const told = lags.take()
      // For docs/operations.md, which says what people felt.
      const report = process.env["NODES_REPORT"]
      if (report !== undefined) appendFileSync(report, `${JSON.stringify({ story, ...told })}\n`)
      return told
    }),
    lags,
    laws,
    allIsWell: Effect.forEach(laws, ([, law]) => law, { discard: true })
  }
})

export class House extends Context.Service<House, Effect.Success<ReturnType<typeof make>>>()("test/House") {
  static readonly layer = (options: ClusterOptions) => Layer.effect(House, make(options))
}

/** So many milliseconds of talk: what happens in them is what is looked at. */
export const during = (millis: number) => Effect.sleep(millis)
