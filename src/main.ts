/** The command line. Flags and environment in, the final Layers out. */
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Layer, Runtime } from "effect"
import { Command } from "effect/cli"
import { chat } from "./cli/chat.ts"
import { dataCommands } from "./cli/data.ts"
import { layer as problems } from "./cli/problems.ts"
import { endAtSecondSignal, listenToOutput } from "./cli/process.ts"
import { send } from "./cli/send.ts"
import { serve } from "./cli/serve.ts"
import { token } from "./cli/token.ts"
import { version } from "./domain/version.ts"

const isDataCommand = (word: string | undefined): boolean => dataCommands.some(({ name }) => name === word)

const switchboard = Command.make("switchboard").pipe(
  Command.withDescription("A durable, typed, real-time chat server"),
  Command.withSubcommands([serve, chat, send, token, ...dataCommands])
)

listenToOutput()
endAtSecondSignal()

switchboard.pipe(
  Command.run({ version }),
  Effect.provide(Layer.provideMerge(problems, NodeServices.layer)),
  NodeRuntime.runMain({
    // Ctrl-C and SIGTERM end a server as they should: that is success. What was to be done once was not done.
    teardown: (exit, onExit) =>
      Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
        ? onExit(isDataCommand(process.argv[2]) ? 1 : 0)
        : Runtime.defaultTeardown(exit, onExit)
  })
)
