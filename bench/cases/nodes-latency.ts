/** How long a message takes from somebody on one node to somebody on another. */
import { across } from "../load/across.ts"
import type { BenchCase } from "./case.ts"

const rate = 1_000

export const nodesLatency: BenchCase = {
  name: "nodes-latency",
  title: "From node to node at 1,000 messages per second, 500 pairs: send to delivered",
  servers: [
    "Switchboard Postgres",
    "2 nodes over Redis",
    "2 nodes over Postgres",
    "2 × Socket.IO over Redis (not durable)"
  ],
  figures: { p50: "p50 ms", p99: "p99 ms", rate: "delivered/s", lost: "late by > 1 s or lost" },
  ratio: { figure: "p99", to: "2 nodes over Redis" },
  run: (server, windows) => across(server, rate, windows)
}
