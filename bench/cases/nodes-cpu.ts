/** What a delivery costs both nodes together, against one of a node to its own. */
import { across } from "../load/across.ts"
import type { BenchCase } from "./case.ts"

const rate = 2_000

export const nodesCpu: BenchCase = {
  name: "nodes-cpu",
  title: "From node to node at 2,000 messages per second, 500 pairs; CPU of all nodes together",
  servers: [
    "Switchboard Postgres without a cluster",
    "Switchboard Postgres",
    "2 nodes over Redis",
    "2 nodes over Postgres",
    "Socket.IO",
    "2 × Socket.IO over Redis (not durable)"
  ],
  figures: {
    cpu: "CPU µs per delivery",
    database: "µs of Postgres",
    redis: "µs of Redis",
    p99: "p99 ms",
    rate: "delivered/s"
  },
  ratio: { figure: "cpu", to: "Switchboard Postgres" },
  fromSource: true,
  run: (server, windows) => across(server, rate, windows)
}
