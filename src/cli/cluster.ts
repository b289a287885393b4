/** Several servers on one Postgres database hear of each other, without a word; with Redis, faster. */
import { Effect, Layer, Option, type Redacted } from "effect"
import type { CliError } from "effect/cli"
import type { Bus } from "../services/cluster/Bus.ts"
import { channelOfKey } from "../services/cluster/channel.ts"
import * as ClusterNode from "../services/cluster/ClusterNode.ts"
import { PostgresBus } from "../services/cluster/PostgresBus.ts"
import { RedisBus } from "../services/cluster/RedisBus.ts"
import { Journal } from "../services/storage/Journal.ts"
import { told, userError } from "./errors.ts"
import * as flags from "./flags.ts"

export const clusterFlags = {
  redisUrl: flags.secret(
    "redis-url",
    "A Redis or Valkey for news between servers on one Postgres database, as redis://host:port; without it Postgres has them"
  )
}

type Url = Option.Option<Redacted.Redacted<string>>

/** For a store that is one process's alone there are no others. */
export const aloneOf = ({ redisUrl }: flags.Input<typeof clusterFlags>): Layer.Layer<never, CliError.UserError> =>
  Option.isNone(redisUrl) ? Layer.empty : Layer.effectDiscard(
    userError("--redis-url is for several servers on one database: add --store postgres, or leave it out.")
  )

/** Needs the journal of the database at `databaseUrl`. */
export const clusterOf = (
  { databaseUrl, redisUrl }: { readonly databaseUrl: Url; readonly redisUrl: Url }
): Layer.Layer<never, CliError.UserError, Journal> =>
  ClusterNode.layer.pipe(
    Layer.catchTag("StoreError", (error) => Layer.effectDiscard(told(error))),
    Layer.provide(busOf(databaseUrl, redisUrl))
  )

const busOf = (databaseUrl: Url, redisUrl: Url): Layer.Layer<Bus, CliError.UserError, Journal> =>
  Option.match(redisUrl, {
    onSome: (url) =>
      Layer.unwrap(
        // Clusters that share a Redis have different keys.
        Effect.map(
          Effect.flatMap(Journal, ({ key }) => key),
          (key) => RedisBus.layer({ url, channel: channelOfKey(key) })
        )
      ).pipe(Layer.catch((error) => Layer.effectContext(told(error)))),
    onNone: () =>
      Option.match(databaseUrl, {
        onNone: () => Layer.effectContext(userError("--store postgres needs --database-url; add it.")),
        onSome: (url) => PostgresBus.layer({ url })
      })
  })
