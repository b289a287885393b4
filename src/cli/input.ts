import type { Command } from "effect/cli"

/** What a handler gets for the flags of its command. */
export type Input<Flags extends Command.Command.Config> = Command.Command.Config.Infer<Flags>
