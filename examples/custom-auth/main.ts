/**
 * A school with rules of its own: who is who comes from its own session keys, and pupils write only to teachers.
 * Run it with `node examples/custom-auth/main.ts`, in this repository after `npm run build`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import {
  AdminAccess,
  allowAll,
  ApiRoutes,
  Authenticator,
  Authorization,
  type ConnectRequest,
  deviceOf,
  HealthRoutes,
  MemoryMessageStore,
  NodeServer,
  Refused,
  Settings,
  Switchboard,
  UserId
} from "switchboard"

/** The app's own sessions; a real one would ask its database here, and may take its time. */
const sessions = new Map([
  ["key-of-ann", UserId.make("teacher.ann")],
  ["key-of-ben", UserId.make("ben")],
  ["key-of-cleo", UserId.make("cleo")]
])

export const authenticator = Layer.succeed(Authenticator, {
  mode: "custom",
  authenticate: Effect.fnUntraced(function*(request: ConnectRequest) {
    const user = sessions.get(String(request.headers["x-session"]))
    if (user === undefined) return yield* new Refused({ status: 401, message: "Sign in at the school's page first." })
    return { user, ...(yield* deviceOf(request)) }
  })
})

const isTeacher = (user: UserId): boolean => user.startsWith("teacher.")

export const policy = Layer.succeed(Authorization, {
  ...allowAll,
  write: (from, to) => isTeacher(from) || isTeacher(to),
  // A decision may also be an effect, where somebody has to be asked.
  addToGroup: (by) => Effect.succeed(isTeacher(by))
})

/** The whole app, for a port of your choice. */
export const app = (port: number) =>
  HttpRouter.serve(
    Layer.mergeAll(HealthRoutes.layer, ApiRoutes.layer.pipe(Layer.provide(AdminAccess.layerOff))),
    { disableListenLog: true }
  ).pipe(
    Layer.provideMerge(NodeServer.layer(NodeServer.nodeServer, { port, host: "127.0.0.1" })),
    Layer.provide(Switchboard.layer),
    Layer.provide([authenticator, policy]),
    Layer.provide(MemoryMessageStore.layer()),
    Layer.provide(Settings.layer)
  )

if (import.meta.main) NodeRuntime.runMain(Layer.launch(app(3_000)))
