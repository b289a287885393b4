/** Three nodes under load that are restarted one after the other, and one of three that is killed. */
import { Child, freePort } from "../child.ts"
import { Talkers } from "../load/Talkers.ts"
import { sleep } from "../proc.ts"
import type { RunningServer } from "../servers.ts"
import type { BenchCase, Windows } from "./case.ts"
import { pace } from "./paced.ts"

const rate = 2_000
const clients = 400
/** Longer than a node takes to let its clients go and to stop. */
const stopMillis = 60_000

/** `during` happens while they talk. */
const talk = async ({ nodes }: RunningServer, { scale, warmUpMillis }: Windows, during: () => Promise<void>) => {
  const port = await freePort()
  const balancer = new Child({
    argv: ["bench/load/balancer.ts", String(port), ...nodes.map(({ port }) => String(port))],
    port,
    core: "1"
  })
  await balancer.start()
  const talkers = new Talkers(port, Math.max(2, 2 * Math.round(clients * scale / 2)))
  await talkers.ready()
  const over = new AbortController()
  let sent = 0
  const talking = (async () => {
    while (!over.signal.aborted) await pace(rate * scale, 200, () => talkers.say(sent++))
  })()
  await sleep(warmUpMillis)
  await during()
  over.abort()
  await talking
  await talkers.settle()
  const account = talkers.account()
  await talkers.close()
  await balancer.dispose()
  return account
}

const figures = {
  sent: "messages",
  lost: "lost",
  doubled: "doubled",
  failed: "refused",
  pause: "ms longest pause of a client",
  p99: "p99 ms send to heard",
  lag: "ms at most between clients that kept their connections"
}

export const nodesRolling: BenchCase = {
  name: "nodes-rolling",
  title: "Three nodes restarted one after the other under 2,000 messages per second of 400 typed clients",
  servers: ["3 nodes over Redis", "3 nodes over Postgres"],
  figures,
  ratio: { figure: "pause", to: "3 nodes over Redis" },
  run: (server, windows) =>
    talk(server, windows, async () => {
      for (const node of server.nodes) {
        await node.stop(stopMillis)
        await node.start()
        await sleep(2_000)
      }
    })
}

export const nodesKill: BenchCase = {
  name: "nodes-kill",
  title: "One of three nodes killed under the same load, and started again after 5 seconds",
  servers: ["3 nodes over Redis", "3 nodes over Postgres"],
  figures,
  ratio: { figure: "lag", to: "3 nodes over Redis" },
  run: (server, windows) =>
    talk(server, windows, async () => {
      await server.nodes[1]!.kill()
      await sleep(5_000)
      await server.nodes[1]!.start()
      await sleep(3_000)
    })
}
