/** The code of docs/webhooks.md is in examples, and examples work. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { HttpServer } from "effect/http"
import { TestConsole } from "effect/testing"
import { spawn } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Webhook } from "standardwebhooks"
import { app } from "../../examples/events/main.ts"
import { isGenuine } from "../../examples/webhooks/receiver.ts"
import { webhookEventTypes } from "../../src/services/webhooks/WebhookOptions.ts"
import { dataFile } from "../support/dataFiles.ts"
import { eventually } from "../support/eventually.ts"
import { root, startServer } from "../support/ServerProcess.ts"
import { connect } from "../support/TestClient.ts"
import { webhookSecret } from "../support/webhookReceiver.ts"

const page = readFileSync(join(root, "docs/webhooks.md"), "utf8")
const blocks = Array.from(page.matchAll(/```ts\n(.*?)```/gs), ([, code]) => code!)
const [, command] = /```sh\n(.*?)```/s.exec(page)!

const examples = globSync("examples/{webhooks,events}/*.ts", { cwd: root })
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n")
  .replaceAll(/^\s+/gm, "")

describe("docs/webhooks.md", () => {
  it("each line of its code is in an example, and each event in its table", () => {
    assert.strictEqual(blocks.length, 3)
    for (const line of blocks.join("\n").split("\n").map((each) => each.trim())) assert.include(examples, line)
    for (const type of webhookEventTypes) assert.match(page, new RegExp(`^\\|.*\`${type.replace(".", "\\.")}\``, "m"))
  })

  it("isGenuine believes what the standard's package has signed, and nothing else", () => {
    const body = "{\"type\":\"x\",\"data\":{}}"
    const now = new Date()
    const headers = {
      "webhook-id": "evt_1",
      "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
      "webhook-signature": `v1,AAAA ${new Webhook(webhookSecret).sign("evt_1", now, body)}`
    }
    assert.isTrue(isGenuine(webhookSecret, headers, body))
    assert.isFalse(isGenuine(webhookSecret, headers, `${body} `))
    assert.isFalse(isGenuine(webhookSecret, { ...headers, "webhook-id": "evt_2" }, body))
    assert.isFalse(isGenuine(webhookSecret, { ...headers, "webhook-timestamp": "1" }, body))
    assert.isFalse(isGenuine(`whsec_${Buffer.alloc(32).toString("base64")}`, headers, body))
    assert.isFalse(isGenuine(webhookSecret, {}, body))
  })

  it.live("its commands: a receiver that pushes what nobody has read", () =>
    Effect.gen(function*() {
      assert.match(command!, /^export SWITCHBOARD_WEBHOOK_SECRET=whsec_\$\(openssl rand -base64 32\)$/m)
      assert.match(command!, /^PORT=9000 node examples\/webhooks\/receiver\.ts &$/m)
      assert.match(command!, /^npx switchboard serve --webhook-url http:\/\/localhost:9000\/$/m)
      const port = 20_000 + (process.pid % 20_000)
      const env = { SWITCHBOARD_WEBHOOK_SECRET: webhookSecret }
      let output = ""
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          const child = spawn(process.execPath, ["examples/webhooks/receiver.ts"], {
            cwd: root,
            env: { ...process.env, ...env, PORT: String(port) }
          })
          child.stdout.on("data", (data: Buffer) => output += data.toString())
          return child
        }),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      const server = yield* startServer(
        ["--data", yield* dataFile, "--webhook-url", `http://localhost:${port}/`, "--webhook-unread-ms", "3000"],
        env
      )
      const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
      const carol = yield* connect({ port: server.port, user: "carol", level: "v1" })
      alice.send({ type: "chat_message", id: "1", recipient: "carol", text: "you are here" })
      const { conversation, seq } = yield* carol.expect("incoming_message")
      carol.send({ type: "received", conversation, up_to: seq })
      alice.send({ type: "chat_message", id: "2", recipient: "bob", text: "are you there?" })
      yield* eventually(Effect.sync(() => output.includes("\n")))
      assert.strictEqual(output, "To the phones of bob: alice: are you there?\n")
    }).pipe(Effect.scoped), 60_000)

  it.live("examples/events hears what was said, also what was said before it came", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      const run = Effect.fnUntraced(function*(text: string, lines: number) {
        const scope = yield* Scope.make()
        const context = yield* Layer.build(Layer.fresh(app(filename, 0))).pipe(Scope.provide(scope))
        yield* Effect.gen(function*() {
          const { address } = yield* HttpServer.HttpServer
          const alice = yield* connect({
            port: address._tag === "UnixPathAddress" ? 0 : address.port,
            user: "alice",
            level: "v1"
          })
          alice.send({ type: "chat_message", id: text, recipient: "bob", text })
          yield* eventually(Effect.map(TestConsole.logLines, (all) => all.length >= lines))
        }).pipe(Effect.scoped, Effect.provideContext(context))
        yield* Scope.close(scope, Exit.void)
      })
      yield* run("one", 1)
      yield* run("two", 2)
      const said = (yield* TestConsole.logLines).map(String)
      assert.deepStrictEqual(new Set(said), new Set(["dm:alice:bob #1: one", "dm:alice:bob #2: two"]))
    }).pipe(Effect.scoped, Effect.provide(TestConsole.layer)), 60_000)
})
