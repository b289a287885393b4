/** `switchboard admin`: the admin API from the command line. */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { jsonFlag } from "../connection.ts"
import * as flags from "../flags.ts"
import { carryOut } from "./ask.ts"
import { verbsOf } from "./verbs.ts"

const isAddress = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

const operator = Command.make("admin").pipe(
  Command.withSharedFlags({
    url: flags.text("admin-url", "http://localhost:8080", "The server, or its admin port").pipe(
      Flag.map((given) => (/^[a-z]+:\/\//i.test(given) ? given : `http://${given}`).replace(/\/+$/, "")),
      Flag.filter(isAddress, () => "Give --admin-url the address of a server, such as http://localhost:8080.")
    ),
    adminToken: flags.secret("admin-token", "The server's admin token; its admin port wants none"),
    json: jsonFlag,
    timeout: flags.count("timeout", 30, 86_400, "Seconds to wait for an answer")
  })
)

export const admin = operator.pipe(
  Command.withDescription("Ask and tell a running server, through its admin API"),
  Command.withSubcommands(verbsOf((asked) => Effect.flatMap(operator, (server) => carryOut(asked, server)))),
  Command.withExamples([
    { command: "switchboard admin users --online", description: "Who is here" },
    { command: "switchboard admin --json connections --user alice", description: "For programs" }
  ])
)
