/** What is told of users: who comes and goes, at most once; who was erased or banned, at least once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dataFile } from "../../support/dataFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { runCommand, startServer } from "../../support/ServerProcess.ts"
import { connect } from "../../support/TestClient.ts"
import { type Heard, startReceiver, webhookSecret } from "../../support/webhookReceiver.ts"

const token = "a-token-of-administrators"
const env = { SWITCHBOARD_WEBHOOK_SECRET: webhookSecret }

const ban = (port: number, user: string) =>
  Effect.promise(() =>
    fetch(`http://127.0.0.1:${port}/v1/admin/ban`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ user, reason: "spam" })
    })
  )

describe("webhooks of users", () => {
  it.live(
    "come and go, are banned and erased, also while the receiver or the server is away",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const data = yield* dataFile
        const args = ["--data", data, "--admin-token", token, "--webhook-url", receiver.url].concat(
          ["--webhook-events", "user.online,user.offline,user.erased,user.banned"]
        )
        const of = (type: string, user: string): ReadonlyArray<Heard> =>
          receiver.heard.filter((heard) => heard.type === type && heard.data.user === user)
        const isTold = (type: string, user: string) => eventually(Effect.sync(() => of(type, user).length > 0))

        yield* Effect.scoped(Effect.gen(function*() {
          const server = yield* startServer(args, env)
          const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
          const again = yield* connect({ port: server.port, user: "alice", level: "v1" })
          yield* isTold("user.online", "alice")
          again.close()
          alice.send({ type: "chat_message", id: "1", recipient: "bob", text: "hi" })
          yield* alice.expect("message_accepted")
          yield* ban(server.port, "mallory")
          yield* isTold("user.banned", "mallory")
          alice.close()
          yield* isTold("user.offline", "alice")
          // By a command beside the server.
          const erased = yield* runCommand(["erase", "--data", data, "--user", "alice"])
          assert.strictEqual(erased.code, 0, erased.errors)
          yield* isTold("user.erased", "alice")
          assert.strictEqual(of("user.online", "alice").length, 1)
          assert.strictEqual(of("user.offline", "alice").length, 1)
          // Texts are not among what was chosen.
          assert.isTrue(receiver.heard.every(({ type }) => type.startsWith("user.")))
          receiver.answer = (request) => void request.socket.destroy()
          yield* ban(server.port, "eve")
          server.kill("SIGKILL")
          yield* server.exited
        }))
        const beside = yield* runCommand(["erase", "--data", data, "--user", "bob"])
        assert.strictEqual(beside.code, 0, beside.errors)
        receiver.answer = (_, response) => void response.writeHead(204).end()
        yield* startServer(args, env)
        yield* isTold("user.banned", "eve")
        yield* isTold("user.erased", "bob")
        assert.deepStrictEqual(receiver.wrong, [])
      }).pipe(Effect.scoped),
    120_000
  )
})
