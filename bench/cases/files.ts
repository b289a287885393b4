/** Files of 25 MB: what they cost, what memory many at once take, and whether messages wait for them. */
import { Client, openAll } from "../load/Client.ts"
import { download, pathOf, upload } from "../load/files.ts"
import { cpuMillis, pssKilobytes, sleep } from "../proc.ts"
import type { RunningServer } from "../servers.ts"
import { type BenchCase, quantile } from "./case.ts"

const servers = ["plain http", "plain http with fsync", "Switchboard SQLite v1"] as const

/** CPU and time of each, of `count` of them, two at once, after some that are not counted. */
const costOf = async (server: RunningServer, count: number, one: (i: number) => Promise<unknown>) => {
  const all = async (from: number, to: number) => {
    let next = from
    const line = async () => {
      while (next < to) await one(next++)
    }
    await Promise.all([line(), line()])
  }
  await all(0, 4)
  const before = { cpu: cpuMillis(server.pid), at: performance.now() }
  await all(4, 4 + count)
  return {
    cpu: (cpuMillis(server.pid) - before.cpu) / count,
    millis: (performance.now() - before.at) / count
  }
}

export const filesUp: BenchCase = {
  name: "files-up",
  title: "Upload of 25 MB, to a folder; Switchboard sums it and has it on the disk (fsync) before it answers",
  servers,
  figures: { cpu: "CPU ms per upload", millis: "ms each" },
  ratio: { figure: "cpu", to: "plain http with fsync" },
  // Another user for each, so that nobody's room is full.
  run: (server, { scale }) => costOf(server, Math.round(24 * Math.max(scale, 0.25)), (i) => upload(server, `u${i}`))
}

export const filesDown: BenchCase = {
  name: "files-down",
  title: "Download of 25 MB, from a folder",
  servers: ["plain http", "Switchboard SQLite v1"],
  figures: { cpu: "CPU ms per download", millis: "ms each" },
  ratio: { figure: "cpu", to: "plain http" },
  run: async (server, { scale }) => {
    const path = await pathOf(server, "alice", await upload(server, "alice"))
    return costOf(server, Math.round(40 * Math.max(scale, 0.25)), () => download(server, path))
  }
}

const together = 50

export const filesMemory: BenchCase = {
  name: "files-memory",
  title: "Memory while 50 uploads of 25 MB run at once, 1 MB/s each: the most above what it was before",
  servers,
  figures: { growth: "MB more" },
  ratio: { figure: "growth", to: "plain http with fsync" },
  run: async (server, { measuredMillis }) => {
    // Code that runs for the first time is not a file's cost.
    for (let i = 0; i < 4; i++) await upload(server, `warm${i}`)
    await sleep(1_000)
    const before = pssKilobytes(server.pid)
    const running = Array.from(
      { length: together },
      (_, i) => upload(server, `u${i}`, { bytesPerSecond: 1_000_000 }).catch(() => {})
    )
    let most = before
    for (let millis = 0; millis < measuredMillis; millis += 100) {
      await sleep(100)
      most = Math.max(most, pssKilobytes(server.pid))
    }
    void running
    return { growth: (most - before) / 1_024 }
  }
}

const talkers = 200
const perSecond = 500
const uploads = 20

export const filesTalk: BenchCase = {
  name: "files-talk",
  title: "500 messages a second between 200 connections, quiet and while 20 uploads of 25 MB run, 2 MB/s each",
  servers: ["Switchboard SQLite v1"],
  figures: {
    quiet50: "p50 ms quiet",
    quiet99: "p99 ms quiet",
    busy50: "p50 ms busy",
    busy99: "p99 ms busy",
    times: "×"
  },
  ratio: { figure: "times", to: "Switchboard SQLite v1" },
  run: async (server, { measuredMillis, warmUpMillis }) => {
    let latencies: Array<number> = []
    const onText = (_: Client, payload: Buffer) => {
      const at = payload.indexOf("@@")
      if (at >= 0) latencies.push(performance.now() - Number(payload.toString("latin1", at + 2, at + 18)))
    }
    const clients = await openAll(
      Array.from(
        { length: talkers },
        (_, i) => () => new Client({ port: server.port, user: `u${i}`, dialect: server.dialect, onText })
      )
    )
    let sent = 0
    const say = () => {
      const i = sent++
      const stamp = performance.now().toFixed(6).padStart(16, "0").slice(0, 16)
      clients[i % talkers]!.socket.write(clients[i % talkers]!.message(`u${(i + talkers / 2) % talkers}`, `@@${stamp}`))
    }
    const talk = setInterval(say, 1_000 / perSecond)
    await sleep(warmUpMillis)
    latencies = []
    await sleep(measuredMillis)
    const quiet = latencies.toSorted((a, b) => a - b)
    const end = new AbortController()
    const line = async (user: string) => {
      while (!end.signal.aborted) await upload(server, user, { bytesPerSecond: 2_000_000 }).catch(() => {})
    }
    for (let i = 0; i < uploads; i++) void line(`file${i}`)
    await sleep(1_000)
    latencies = []
    await sleep(measuredMillis)
    const busy = latencies.toSorted((a, b) => a - b)
    end.abort()
    clearInterval(talk)
    for (const client of clients) client.socket.destroy()
    return {
      quiet50: quantile(quiet, 0.5),
      quiet99: quantile(quiet, 0.99),
      busy50: quantile(busy, 0.5),
      busy99: quantile(busy, 0.99),
      times: quantile(busy, 0.99) / quantile(quiet, 0.99)
    }
  }
}
