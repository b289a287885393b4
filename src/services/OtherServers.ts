/** Who takes the clients of a server that stops. */
import { Context } from "effect"

/** How many other servers take clients now. None, unless a cluster provides another. */
export const OtherServers = Context.Reference<() => number>("switchboard/services/OtherServers", {
  defaultValue: () => () => 0
})
