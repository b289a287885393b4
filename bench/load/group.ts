/** Makes a group on a server, whatever a group is there. */
import type { RunningServer } from "../servers.ts"
import { Client, frame } from "./Client.ts"

/** Members that one frame names. */
const atOnce = 1_000

/** The id of a new group of `owner` and `members`; peers know only one, and everybody is in it. */
export const createGroup = async (
  server: RunningServer,
  owner: string,
  members: ReadonlyArray<string>
): Promise<string> => {
  if (server.name.startsWith("bare") || server.name === "Socket.IO") return "everybody"
  let answered = Promise.withResolvers<string>()
  const onText = (_: Client, payload: Buffer) => {
    const answer = JSON.parse(payload.toString()) as { type: string; group: string }
    if (answer.type === "group_info") answered.resolve(answer.group)
    if (answer.type === "error") answered.reject(new Error(payload.toString()))
  }
  const client = await new Client({ port: server.port, user: owner, dialect: "plain", onText }).ready()
  const ask = (message: object): Promise<string> => {
    answered = Promise.withResolvers<string>()
    client.socket.write(frame(JSON.stringify(message)))
    return answered.promise
  }
  const group = await ask({ type: "create_group", name: "bench", members: members.slice(0, atOnce) })
  for (let from = atOnce; from < members.length; from += atOnce) {
    await ask({ type: "add_members", group, members: members.slice(from, from + atOnce) })
  }
  client.close()
  return group
}
