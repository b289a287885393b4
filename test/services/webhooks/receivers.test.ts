/** Receivers as they are: on real sockets, slow, broken, elsewhere, or telling more than anybody wants to hear. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { FileId, UserId } from "../../../src/domain/Ids.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { Subscriptions } from "../../../src/services/storage/Subscriptions.ts"
import { logName } from "../../../src/services/webhooks/LogTeller.ts"
import { makeReceiver } from "../../../src/services/webhooks/Receiver.ts"
import { keyOf } from "../../../src/services/webhooks/signature.ts"
import { WebhookNumbers } from "../../../src/services/webhooks/WebhookNumbers.ts"
import type { WebhookOptions } from "../../../src/services/webhooks/WebhookOptions.ts"
import { Webhooks } from "../../../src/services/webhooks/Webhooks.ts"
import { actors } from "../../support/actors.ts"
import { eventually } from "../../support/eventually.ts"
import { fileRecords } from "../../support/fileApi.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import {
  orderProblems,
  type Receiver,
  refuse,
  startReceiver,
  take,
  webhookSecret
} from "../../support/webhookReceiver.ts"

const another = `whsec_${Buffer.from("another secret of enough bytes").toString("base64")}`

/** A chat that tells a receiver of its own. */
const told = (
  name: string,
  body: (receiver: Receiver) => Generator<Effect.Effect<any, unknown, any>, void, never>,
  options: Partial<WebhookOptions> = {}
) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const secrets = options.secrets ?? [Redacted.make(webhookSecret)]
      const receiver = yield* startReceiver(secrets.map(Redacted.value))
      const chat = Webhooks.layer({
        url: Redacted.make(new URL(receiver.url)),
        events: ["message.accepted", "group.changed"],
        ...options,
        secrets
      }).pipe(
        Layer.provide(NodeHttpClient.layerNodeHttpOptions({ keepAlive: true })),
        Layer.provideMerge(actors({}, MemoryMessageStore.layer()))
      )
      const services = yield* Layer.build(Layer.fresh(chat))
      // What the store has beside messages is there at run time; the actors' type does not say it.
      yield* (Effect.gen(() => body(receiver)) as Effect.Effect<void, unknown, Layer.Success<typeof chat>>).pipe(
        Effect.provideContext(services)
      )
      assert.deepStrictEqual(receiver.wrong, [])
    }).pipe(Effect.scoped))

const say = Effect.fnUntraced(function*(recipient: string, text = "hi") {
  const server = yield* ServerActor
  return yield* server.send({ sender: UserId.make("alice"), recipient: UserId.make(recipient), text })
})

const sayWithFile = Effect.fnUntraced(function*(text: string) {
  const files = yield* fileRecords
  const [file, sender] = [FileId.make("f1"), UserId.make("alice")]
  yield* files.begin({ file, owner: sender, name: "tea.png", type: "image/png", size: 7, at: 1 }, 0)
  yield* files.finish(file, { size: 7, sha256: "00", state: "ready" })
  yield* (yield* ServerActor).send({ sender, recipient: UserId.make("bob"), text, attachments: [{ file }] })
})

const errorIs = (pattern: RegExp) =>
  eventually(Effect.gen(function*() {
    const subscriptions = yield* Subscriptions
    const [event] = yield* Effect.orDie(subscriptions.events({ names: [logName], limit: 1 }))
    return event !== undefined && pattern.test(event.error)
  }))

const takes = (receiver: Receiver, count: number) => eventually(Effect.sync(() => receiver.heard.length >= count))

describe("a receiver", () => {
  told("verifies each event with the standard's own package, under either of two secrets", function*(receiver) {
    for (const text of ["one", "zwei ü 🦄", "\u0001\"\\"]) yield* say("bob", text)
    yield* takes(receiver, 3)
    assert.deepStrictEqual(receiver.heard.map(({ data }) => data.text), ["one", "zwei ü 🦄", "\u0001\"\\"])
    assert.deepStrictEqual(receiver.heard.map(({ data, type }) => [type, data.conversation, data.seq, data.kind]), [
      ["message.accepted", "dm:alice:bob", 1, "text"],
      ["message.accepted", "dm:alice:bob", 2, "text"],
      ["message.accepted", "dm:alice:bob", 3, "text"]
    ])
    assert.strictEqual(new Set(receiver.heard.map(({ id }) => id)).size, 3)
  }, { secrets: [Redacted.make(webhookSecret), Redacted.make(another)] })

  told("hears of the files of a message, with the paths at which they are", function*(receiver) {
    yield* sayWithFile("look")
    yield* takes(receiver, 1)
    const { url = "", ...file } = receiver.heard[0]!.data.attachments![0]!
    assert.deepStrictEqual<unknown>(file, { file: "f1", name: "tea.png", type: "image/png", size: 7 })
    assert.match(url, /^\/v1\/files\/f1\/tea\.png\?expires=\d+&signature=/)
  })

  told("hears no text where none is to be told, and of no file", function*(receiver) {
    yield* sayWithFile("secret")
    yield* takes(receiver, 1)
    assert.notProperty(receiver.heard[0]!.data, "text")
    assert.notProperty(receiver.heard[0]!.data, "attachments")
    assert.strictEqual(receiver.heard[0]!.data.sender, "alice")
  }, { withText: false })

  told("has eight requests at once and no more, and no conversation overtakes itself", function*(receiver) {
    const held: Array<() => void> = []
    receiver.answer = (_, response) => void held.push(() => response.writeHead(204).end())
    for (let n = 0; n < 3; n++) for (let i = 0; i < 20; i++) yield* say(`user${i}`, `${n}`)
    yield* eventually(Effect.sync(() => held.length === 8))
    // A ninth would come now, and nothing says that none does.
    yield* Effect.sleep("100 millis")
    assert.strictEqual(receiver.open, 8)
    receiver.answer = take
    for (const each of held) each()
    yield* takes(receiver, 60)
    assert.deepStrictEqual([receiver.most, orderProblems(receiver.heard)], [8, []])
  })

  told("that sends elsewhere is not followed", function*(receiver) {
    const elsewhere = yield* startReceiver()
    receiver.answer = refuse(302, { location: elsewhere.url })
    yield* say("bob")
    yield* errorIs(/redirect \(302\), which is not followed/)
    receiver.answer = refuse(307, { location: elsewhere.url })
    yield* errorIs(/307/)
    receiver.answer = take
    yield* takes(receiver, 1)
    assert.strictEqual(elsewhere.tries, 0)
  })

  told("that answers with two gigabytes, or never ends, is heard no further than its status", function*(receiver) {
    let sent = 0
    const chunk = Buffer.alloc(1_048_576)
    receiver.answer = (_, response) => {
      response.writeHead(200, { "content-length": String(2 ** 31) })
      const more = () => {
        while (!response.destroyed && sent < 2 ** 31) {
          sent += chunk.length
          if (!response.write(chunk)) return void response.once("drain", more)
        }
      }
      more()
    }
    yield* say("bob", "big")
    const meter = yield* WebhookNumbers
    yield* eventually(Effect.sync(() => meter.counts.delivered === 1))
    assert.isBelow(sent, 64 * 1_048_576)
    let drips = 0
    receiver.answer = (_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => {
        drips++
        response.write(".")
      }, 20)
      response.once("close", () => clearInterval(drip))
    }
    yield* say("bob", "slow")
    yield* eventually(Effect.sync(() => meter.counts.delivered === 2))
    assert.isBelow(drips, 500)
    receiver.answer = take
    yield* say("bob", "well")
    yield* takes(receiver, 1)
  })

  told("that is not there, and then is, hears everything; the chat does not wait", function*(receiver) {
    receiver.answer = (request) => void request.socket.destroy()
    const before = Date.now()
    for (let i = 0; i < 50; i++) yield* say(`user${i}`)
    assert.isBelow(Date.now() - before, 5_000)
    yield* errorIs(/broke the connection off/)
    receiver.answer = take
    yield* takes(receiver, 50)
    const numbers = yield* WebhookNumbers
    yield* eventually(Effect.sync(() => numbers.waiting() === 0))
  })

  told("that says nothing for ten seconds has failed", function*(receiver) {
    receiver.answer = () => {}
    yield* say("bob")
    yield* errorIs(/did not answer within 10 seconds/)
    receiver.answer = take
    yield* takes(receiver, 1)
  })

  it.live("whose certificate nobody vouches for has failed, in a sentence", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")]
      execFileSync(
        "openssl",
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"].concat(
          ["-days", "1", "-keyout", key, "-out", cert]
        ),
        { stdio: "ignore" }
      )
      const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) })
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () => Effect.sync(() => server.close())
      )
      const { port } = server.address() as AddressInfo
      const tell = yield* makeReceiver({
        url: Redacted.make(new URL(`https://user:password@127.0.0.1:${port}/`)),
        secrets: [Redacted.make(webhookSecret)]
      })
      const message = { id: "evt_1", type: "message.accepted", body: "{}" } as const
      assert.deepStrictEqual(yield* tell(message), {
        _tag: "Failed",
        error: "The receiver's certificate is signed by nobody who is trusted."
      })
      server.close()
      server.closeAllConnections()
      assert.match(JSON.stringify(yield* tell(message)), /The receiver (refuses the connection|broke)/)
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp)))

  it("has a secret of whsec_ and 24 to 64 bytes", () => {
    assert.isDefined(keyOf(webhookSecret))
    const of = (bytes: number) => `whsec_${Buffer.alloc(bytes).toString("base64")}`
    for (const good of [24, 32, 64]) assert.isDefined(keyOf(of(good)))
    for (const bad of [of(23), of(65), "whsec_", "", "whsec_ä", webhookSecret.slice(6)]) assert.isUndefined(keyOf(bad))
  })
})
