/** What it costs one node that there could be others. */
import type { BenchCase } from "./case.ts"
import { durable } from "./durable.ts"

export const nodesJournal: BenchCase = {
  ...durable,
  name: "nodes-journal",
  title: "Durable on Postgres, closed loop, one node: with the journal and the bus, and without",
  servers: ["Switchboard Postgres without a cluster", "Switchboard Postgres"],
  figures: { rate: "accepted/s", cpu: "CPU µs per message accepted and delivered" },
  ratio: { figure: "rate", to: "Switchboard Postgres without a cluster" },
  fromSource: true
}
