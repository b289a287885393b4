/** The server of the platform that the program runs on: Node never reads in what is for Bun, nor the other way round. */
import { Effect } from "effect"
import type { TlsFiles } from "../services/transport/Certificate.ts"

export interface Listening {
  readonly host: string
  readonly port: number
}

const onBun = process.versions["bun"] !== undefined

const nodeServer = Effect.promise(() => import("../services/transport/NodeServer.ts"))
const bunServer = Effect.promise(() => import("../services/transport/BunServer.ts"))

export const plainServer = (options: Listening) =>
  onBun
    ? Effect.map(bunServer, ({ layer }) => layer(options))
    : Effect.map(nodeServer, ({ layer, nodeServer }) => layer(nodeServer, options))

export const secureServer = (files: TlsFiles, options: Listening) =>
  onBun
    ? Effect.map(bunServer, ({ layerTls }) => layerTls(files, options))
    : Effect.map(nodeServer, ({ layerTls }) => layerTls(files, options))
