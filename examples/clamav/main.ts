/**
 * A chat whose files are looked through by ClamAV before anybody sees them: a `FilePolicy` that asks its daemon. Run it with
 * `node examples/clamav/main.ts`, beside a `clamd`; `CLAMD` is its address, a path or `host:port`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Data, Effect, Layer, Stream } from "effect"
import { HttpRouter } from "effect/http"
import { connect, type Socket } from "node:net"
import {
  AdminAccess,
  ApiRoutes,
  Authenticator,
  FilePolicy,
  FolderFileStore,
  HealthRoutes,
  NodeServer,
  type OfferedFile,
  Settings,
  SqliteMessageStore,
  Switchboard
} from "switchboard"

export interface Clamd {
  /** A path of a socket, or `host:port`. */
  readonly address: string
  /** How long a file may take, in milliseconds; a minute by default. */
  readonly millis?: number
}

export class NotScanned extends Data.TaggedError("NotScanned")<{ readonly message: string }> {}

const gone = (cause?: Error) => new NotScanned({ message: cause?.message ?? "clamd closed the connection" })

const placeOf = (address: string) => {
  const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? []
  return host === undefined ? { path: address } : { host, port: Number(port) }
}

const open = (address: string) =>
  Effect.acquireRelease(
    Effect.callback<Socket, NotScanned>((resume) => {
      const socket = connect(placeOf(address))
      socket.once("error", (error) => resume(Effect.fail(gone(error))))
      socket.once("connect", () => resume(Effect.succeed(socket)))
      return Effect.sync(() => socket.destroy())
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** All that it says, until it hangs up. Whoever asks too much is answered before the end. */
const answerOf = (socket: Socket) =>
  Effect.callback<string, NotScanned>((resume) => {
    let answer = ""
    socket.setEncoding("utf8")
    socket.on("data", (text: string) => {
      answer = (answer + text).slice(0, 1_000)
    })
    socket.once("error", (error) => resume(Effect.fail(gone(error))))
    socket.once("close", () =>
      resume(answer === "" ? Effect.fail(gone()) : Effect.succeed(answer.replace("\0", "").trim())))
  })

/** As fast as it takes it. */
const write = (socket: Socket, bytes: Uint8Array) =>
  Effect.callback<void, NotScanned>((resume) => {
    socket.write(bytes, (error) => resume(error ? Effect.fail(gone(error)) : Effect.void))
  })

/** Each piece has its length before it (`INSTREAM`). */
const piece = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const scan = Effect.fnUntraced(function*({ address }: Clamd, { content }: Pick<OfferedFile, "content">) {
  const socket = yield* open(address)
  const send = write(socket, Buffer.from("zINSTREAM\0")).pipe(
    Effect.andThen(
      Stream.runForEach(content, (bytes) => bytes.length === 0 ? Effect.void : write(socket, piece(bytes)))
    ),
    Effect.andThen(write(socket, Buffer.alloc(4))),
    Effect.andThen(Effect.never)
  )
  return yield* Effect.raceFirst(answerOf(socket), send)
}, Effect.scoped)

/** Whatever is not said to be clean is not let in: a scanner that is away, slow or out of its depth is a failure. */
export const clamav = (clamd: Clamd) =>
  Layer.succeed(FilePolicy, {
    judge: Effect.fnUntraced(function*(file: OfferedFile) {
      const answer = yield* scan(clamd, file).pipe(
        Effect.timeoutOrElse({
          duration: clamd.millis ?? 60_000,
          orElse: () => new NotScanned({ message: "clamd took too long" })
        })
      )
      if (answer === "stream: OK") return { _tag: "Pass" } as const
      if (answer.endsWith(" FOUND")) {
        return { _tag: "Refuse", reason: "This file has a virus and was not kept." } as const
      }
      return yield* new NotScanned({ message: answer })
    })
  })

/** A server with all of it, for a port and a directory of your choice. */
export const app = (port: number, directory: string, clamd: Clamd) =>
  HttpRouter.serve(
    Layer.mergeAll(HealthRoutes.layer, ApiRoutes.layer.pipe(Layer.provide(AdminAccess.layerOff))),
    { disableListenLog: true, disableLogger: true }
  ).pipe(
    Layer.provideMerge(NodeServer.layer(NodeServer.nodeServer, { port, host: "127.0.0.1" })),
    Layer.provide(Switchboard.layer),
    Layer.provide(clamav(clamd)),
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provide(FolderFileStore.layer({ folder: `${directory}/files` })),
    Layer.provide(SqliteMessageStore.layer({ filename: `${directory}/chat.db` })),
    Layer.provide(Settings.layer)
  )

const main = Config.String("CLAMD").pipe(
  Config.withDefault("/run/clamav/clamd.ctl"),
  Effect.flatMap((address) => Layer.launch(app(3_000, ".", { address })))
)

if (import.meta.main) NodeRuntime.runMain(main)
