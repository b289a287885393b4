/** What it costs a process that is alone that there could be others. */
import { before } from "../before.ts"
import type { BenchCase } from "./case.ts"
import { relay } from "./relay.ts"

export const nodesAlone: BenchCase = {
  ...relay,
  name: "nodes-alone",
  title: "Relay as above, in memory: before there could be several nodes, and now",
  servers: [before, "Switchboard"],
  ratio: { figure: "cpu", to: before },
  fromSource: true
}
