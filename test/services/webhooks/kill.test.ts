/** Through `kill -9` of the server, none is lost and each conversation keeps its order. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dataFile, inDatabase } from "../../support/dataFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { connect, type TestClient } from "../../support/TestClient.ts"
import { orderProblems, startReceiver, take, webhookSecret } from "../../support/webhookReceiver.ts"

const rounds = Number(process.env["KILL_ROUNDS"] ?? 5)
const people = 12

/** Everybody says something as soon as the last was accepted; every tenth is an edit, and one makes groups. */
const talk = Effect.fnUntraced(function*(port: number, round: number, accepted: { count: number }) {
  for (let i = 0; i < people; i++) {
    const client: TestClient = yield* connect({ port, user: `user${i}`, level: "v1", device: "d" })
    let n = 0
    const say = () => {
      const id = `${round}-${i}-${n++}`
      if (i === 0 && n % 20 === 0) client.send({ type: "create_group", id, name: "tea", members: ["user1"] })
      else client.send({ type: "chat_message", id, recipient: `user${(i + 1 + n % 3) % people}`, text: id })
    }
    client.ws.on("message", (data: Buffer) => {
      const { type } = JSON.parse(data.toString()) as { type: string }
      if (type === "message_accepted") accepted.count++
      if (type === "message_accepted" || type === "error") say()
    })
    say()
  }
})

describe("webhooks", () => {
  it.live(`SQLite: ${rounds} times kill -9 under load`, () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver()
      const data = yield* dataFile
      const args = ["--data", data, "--webhook-url", receiver.url, "--webhook-events", "message.accepted,group.changed"]
      const env = { SWITCHBOARD_WEBHOOK_SECRET: webhookSecret }
      const accepted = { count: 0 }
      for (let round = 0; round < rounds; round++) {
        yield* Effect.scoped(Effect.gen(function*() {
          const server = yield* startServer(args, env)
          // Sometimes the receiver is away as well.
          if (round % 2 === 1) receiver.answer = (request) => void request.socket.destroy()
          const goal = accepted.count + 150 + round * 37
          yield* talk(server.port, round, accepted)
          yield* eventually(Effect.sync(() => accepted.count >= goal))
          server.kill("SIGKILL")
          yield* server.exited
          receiver.answer = take
        }))
      }
      const rows = inDatabase(data, (db) =>
        db.prepare("SELECT conversation, seq FROM entries").all()) as unknown as ReadonlyArray<
          { readonly conversation: string; readonly seq: number }
        >
      assert.isAtLeast(rows.length, accepted.count)
      yield* startServer(args, env)
      const left = () => {
        const heard = new Set(receiver.heard.map(({ data }) =>
          `${data.conversation} ${data.seq}`
        ))
        return rows.filter(({ conversation, seq }) => !heard.has(`${conversation} ${seq}`))
      }
      yield* eventually(Effect.sync(() => left().length === 0))
      assert.deepStrictEqual(orderProblems(receiver.heard), [])
      assert.deepStrictEqual(receiver.wrong, [])
      assert.isTrue(receiver.heard.some(({ type }) => type === "group.changed"))
    }).pipe(Effect.scoped), 240_000)
})
