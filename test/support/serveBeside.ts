/** `switchboard serve` as a program of its own, beside another server that takes its clients when it stops. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { endAtSecondSignal, listenToOutput } from "../../src/cli/process.ts"
import { serve } from "../../src/cli/serve.ts"
import { OtherServers } from "../../src/services/OtherServers.ts"

listenToOutput()
endAtSecondSignal()

Command.make("switchboard").pipe(
  Command.withSubcommands([serve]),
  Command.run({ version: "test" }),
  Effect.provide(NodeServices.layer),
  Effect.provideService(OtherServers, () => 1),
  NodeRuntime.runMain({ teardown: (_, onExit) => onExit(0) })
)
