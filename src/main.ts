/** The command line. Flags and environment in, the final Layers out. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Layer, Runtime } from "effect"
import { Command } from "effect/cli"
import { layerOf } from "./cli/configuration/Sources.ts"
import { layer as problems } from "./cli/problems.ts"
import { endAtSecondSignal, listenToOutput } from "./cli/process.ts"
import { version } from "./domain/version.ts"

const data = Effect.promise(() => import("./cli/data.ts"))

const serve = Effect.promise(() => import("./cli/serve.ts"))

/** Whoever sends one message does not wait for the server to be read in, so each command is loaded when it is named. */
const commands = {
  serve: Effect.map(serve, ({ serve }) => serve),
  config: Effect.map(Effect.promise(() => import("./cli/config.ts")), ({ config }) => config),
  doctor: Effect.map(Effect.promise(() => import("./cli/doctor.ts")), ({ doctor }) => doctor),
  chat: Effect.map(Effect.promise(() => import("./cli/chat.ts")), ({ chat }) => chat),
  send: Effect.map(Effect.promise(() => import("./cli/send.ts")), ({ send }) => send),
  token: Effect.map(Effect.promise(() => import("./cli/token.ts")), ({ token }) => token),
  admin: Effect.map(Effect.promise(() => import("./cli/operator/admin.ts")), ({ admin }) => admin),
  export: Effect.map(data, ({ exportUser }) => exportUser),
  erase: Effect.map(data, ({ erase }) => erase),
  backup: Effect.map(data, ({ backup }) => backup),
  restore: Effect.map(data, ({ restore }) => restore)
}

type Name = keyof typeof commands

const isName = (word: string): word is Name => Object.hasOwn(commands, word)

const named = process.argv.slice(2).find(isName)

/** All of them for whoever names none: to list them, or to guess which one was meant. */
const loadCommands = Effect.all(named === undefined ? Object.values(commands) : [commands[named]])

const switchboard = Effect.flatMap(loadCommands, (loaded) =>
  Command.make("switchboard").pipe(
    Command.withDescription("A durable, typed, real-time chat server"),
    Command.withSubcommands(loaded),
    Command.run({ version })
  ))

/** A server that is interrupted has done what it was to do; what changes or prints what is kept has not. */
const isUndone = named === "export" || named === "erase" || named === "backup" || named === "restore"

/** A file may have whatever the server may be given. */
const settings = layerOf(Effect.map(serve, ({ serveSettings }) => serveSettings))

listenToOutput()
endAtSecondSignal()

switchboard.pipe(
  Effect.provide(problems.pipe(Layer.provideMerge(settings), Layer.provideMerge(NodeServices.layer))),
  NodeRuntime.runMain({
    teardown: (exit, onExit) =>
      Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
        ? onExit(isUndone ? 1 : 0)
        : Runtime.defaultTeardown(exit, onExit)
  })
)
