/** Makes a group on a server, whatever a group is there. */
import type { RunningServer } from "../servers.ts"
import { Client, frame } from "./Client.ts"

/** The id of a new group of `owner` and `members`; peers know only one, and everybody is in it. */
export const createGroup = async (
  server: RunningServer,
  owner: string,
  members: ReadonlyArray<string>
): Promise<string> => {
  if (server.name === "bare ws" || server.name === "Socket.IO") return "everybody"
  const info = Promise.withResolvers<string>()
  const onText = (_: Client, payload: Buffer) => {
    const answer = JSON.parse(payload.toString()) as { type: string; group: string }
    if (answer.type === "group_info") info.resolve(answer.group)
    if (answer.type === "error") info.reject(new Error(payload.toString()))
  }
  const client = await new Client({ port: server.port, user: owner, dialect: "plain", onText }).ready()
  client.socket.write(frame(JSON.stringify({ type: "create_group", name: "bench", members })))
  const group = await info.promise
  client.close()
  return group
}
