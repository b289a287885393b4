/** What a message costs in a group of 1,000 of whom 10 are here, against one in a group of 10 who are all here. */
import { Client, openAll } from "../load/Client.ts"
import { createGroup } from "../load/group.ts"
import { cpuMillis, sleep } from "../proc.ts"
import type { RunningServer } from "../servers.ts"
import type { BenchCase, Windows } from "./case.ts"

const here = 10

/** CPU µs per message, one after another. */
const costOf = async (server: RunningServer, prefix: string, size: number, windows: Windows): Promise<number> => {
  const users = Array.from({ length: size }, (_, i) => `${prefix}${i}`)
  const group = await createGroup(server, users[0]!, users.slice(1))
  let said = 0
  const onText = (client: Client, payload: Buffer) => {
    if (client !== last || !payload.includes("incoming_message")) return
    said++
    speaker.socket.write(words)
  }
  const clients = await openAll(
    users.slice(0, here).map((user) => () => new Client({ port: server.port, user, dialect: server.dialect, onText }))
  )
  const speaker = clients[0]!
  const last = clients.at(-1)!
  const words = speaker.groupMessage(group, "x".repeat(100))
  speaker.socket.write(words)
  await sleep(windows.warmUpMillis)
  const before = { said, cpu: cpuMillis(server.pid) }
  await sleep(windows.measuredMillis)
  const cost = (cpuMillis(server.pid) - before.cpu) * 1_000 / (said - before.said)
  for (const client of clients) client.socket.destroy()
  return cost
}

export const groupAway: BenchCase = {
  name: "group-away",
  title: "A message to 1,000 members of whom 10 are online, against one to a group of 10",
  servers: ["Switchboard", "Switchboard SQLite"],
  figures: { large: "CPU µs, 10 of 1,000 online", small: "CPU µs, 10 of 10 online", times: "times" },
  ratio: { figure: "large", to: "Switchboard" },
  run: async (server, windows) => {
    const small = await costOf(server, "s", here, windows)
    const large = await costOf(server, "l", 1_000, windows)
    return { large, small, times: large / small }
  }
}
