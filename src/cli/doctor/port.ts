/** Whether a server could listen, or whether one does already. */
import { Effect } from "effect"
import { createServer } from "node:net"
import { version } from "../../domain/version.ts"
import { listenError } from "../errors.ts"
import { ask } from "./ask.ts"
import { type Check, failed, ok, type Verdict, warning } from "./Check.ts"

/** Where a server would listen. */
export interface Place {
  /** The flag that chooses the port. */
  readonly flag: "port" | "admin-port"
  readonly host: string
  readonly port: number
  /** `""` or `/chat`. */
  readonly basePath: string
  readonly isSecure?: boolean
}

/** Who answers there, as far as one can tell. */
export interface Occupant {
  /** What its `/health/ready` says, if it is a Switchboard. */
  readonly health: { readonly status: string; readonly reason?: string } | undefined
  readonly version: string | undefined
}

export const occupantVerdicts = (
  { flag, port }: Pick<Place, "flag" | "port">,
  { health, version: theirs }: Occupant,
  own: string
): ReadonlyArray<Verdict> => {
  if (health === undefined) {
    return [failed(flag, `Port ${port} is in use by another program; stop it or choose another with --${flag}.`)]
  }
  const state = health.status === "ready"
    ? ok(flag, `A Switchboard is running on port ${port}, and ready.`)
    : warning(
      flag,
      `A Switchboard is running on port ${port} and not ready (${health.reason ?? health.status}); see its log.`
    )
  return theirs === undefined || theirs === own
    ? [state]
    : [state, warning("version", `Version ${theirs} is running, and this is ${own}; restart it with this one.`)]
}

const parsed = (body: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === "object" && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** An address that listens everywhere is asked here. */
const hostOf = (host: string): string => {
  const asked = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host
  return asked.includes(":") ? `[${asked}]` : asked
}

const occupantOf = Effect.fnUntraced(function*({ basePath, host, isSecure = false, port }: Place) {
  const at = (path: string) =>
    Effect.map(
      ask(new URL(`${isSecure ? "https" : "http"}://${hostOf(host)}:${port}${basePath}${path}`), {
        method: "GET",
        anyCertificate: true
      }),
      ({ body }) => parsed(body)
    ).pipe(Effect.orElseSucceed(() => undefined))
  const ready = yield* at("/health/ready")
  const status = ready?.["status"]
  if (status !== "ready" && status !== "not ready") return { health: undefined, version: undefined }
  const reason = ready?.["reason"]
  const info = yield* at("/v1/info")
  return {
    health: { status, ...(typeof reason === "string" ? { reason } : undefined) },
    version: info?.["name"] === "switchboard" && typeof info["version"] === "string" ? info["version"] : undefined
  }
})

/** Takes the port for a moment: nothing else tells whether it can be had. */
const take = ({ host, port }: Place) =>
  Effect.callback<void, NodeJS.ErrnoException>((resume) => {
    const server = createServer()
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resume(Effect.void)))
    return Effect.sync(() => server.close())
  })

export const portCheck = (place: Place): Check => {
  const { flag, host, port } = place
  return {
    name: flag,
    run: port === 0 ? Effect.succeed([ok(flag, "A free port will be taken.")]) : take(place).pipe(
      Effect.as([ok(flag, `Port ${port} is free.`)]),
      Effect.catch((error) =>
        error.code === "EADDRINUSE"
          ? Effect.map(occupantOf(place), (occupant) => occupantVerdicts(place, occupant, version))
          : Effect.succeed([failed(flag, listenError(host, port, error, flag).message)])
      )
    )
  }
}
