/** Connect and leave, 50 at a time. */
import { Client } from "../load/Client.ts"
import { cpuMillis } from "../proc.ts"
import { type BenchCase, keepers } from "./case.ts"

const cycle = async (port: number, dialect: Client["options"]["dialect"], user: string) => {
  const client = await new Client({ port, user, dialect }).ready()
  const closed = new Promise<void>((resolve) => client.socket.once("close", () => resolve()))
  client.close()
  await closed
}

export const connectLeave: BenchCase = {
  name: "connect",
  title: "Connect and leave: 10,000 cycles, 50 at a time",
  servers: keepers,
  figures: { cpu: "CPU ms per cycle", rate: "cycles/s" },
  ratio: { figure: "cpu", to: "bare ws" },
  run: async ({ dialect, pid, port }, { scale }) => {
    const cycles = Math.round(10_000 * scale)
    const worker = async (from: number, count: number) => {
      for (let i = 0; i < count; i++) await cycle(port, dialect, `u${from + i}`)
    }
    const all = (count: number) =>
      Promise.all(Array.from({ length: 50 }, (_, i) => worker(i * 1_000, Math.ceil(count / 50))))
    // For the first 20,000 cycles or so it is V8's compiler that one measures, which shares the server's core.
    // Erlang is compiled when it is loaded, and a cycle there has five turns of a conversation.
    await all(dialect === "xmpp" ? cycles : cycles * 3)
    const before = { cpu: cpuMillis(pid), at: performance.now() }
    await all(cycles)
    return {
      cpu: (cpuMillis(pid) - before.cpu) / cycles,
      rate: cycles / ((performance.now() - before.at) / 1_000)
    }
  }
}
