/** The code of docs/client.md is in examples/client, and examples/client works. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { enter as enterPage } from "../../examples/client/browser.ts"
import { ask } from "../../examples/client/data.ts"
import { bot } from "../../examples/client/effect.ts"
import { sendPicture } from "../../examples/client/files.ts"
import { enter } from "../../examples/client/node.ts"
import { talk } from "../../examples/client/promises.ts"
import { connect } from "../../src/client/index.ts"
import { moodyFiles } from "../support/moodyFiles.ts"
import { root, runCommand, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { served } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const blocks = Array.from(
  readFileSync(join(root, "docs/client.md"), "utf8").matchAll(/```ts\n(.*?)```/gs),
  ([, code]) => code!
)

const examples = globSync("examples/client/*.ts", { cwd: root })
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n")
  .replaceAll(/^\s+/gm, "")

const secret = "a secret that is longer than thirty-two bytes"

const server = (...args: ReadonlyArray<string>) =>
  Effect.map(startServer(["--store", "memory", ...args]), ({ port }) => `ws://127.0.0.1:${port}/ws`)

describe("docs/client.md", () => {
  it("each line of its code is in an example", () => {
    assert.isAtLeast(blocks.length, 3)
    for (const line of blocks.join("\n").split("\n").map((each) => each.trim())) assert.include(examples, line)
  })

  it.live("promises.ts talks", () =>
    Effect.gen(function*() {
      const url = yield* server()
      const heard = yield* Effect.promise(() => talk(url))
      assert.deepStrictEqual([...heard].sort(), [
        "accepted as #1 of dm:alice:bob",
        "alice: hello",
        "found hello by its first 5 characters"
      ])
    }).pipe(Effect.scoped))

  it.live("effect.ts answers", () =>
    Effect.gen(function*() {
      const url = yield* server()
      yield* Effect.forkScoped(bot({ url, credentials: { _tag: "PhoneNumber", user: "echo" }, device: "bot" }))
      const alice = connect({ url, credentials: { _tag: "PhoneNumber", user: "alice" }, device: "a" })
      const answer = new Promise<string>((resolve) => {
        alice.onEvent((event) => event.type === "incoming_message" && resolve(event.text))
      })
      yield* Effect.promise(() => alice.send({ recipient: "echo" }, "hello"))
      assert.strictEqual(yield* Effect.promise(() => answer), "You said: hello")
      yield* Effect.promise(() => alice.close())
    }).pipe(Effect.scoped))

  served("data.ts asks with buttons, and shows what is answered with some", function*(port) {
    const url = `ws://127.0.0.1:${port}/ws`
    const bob = connect({ url, credentials: { _tag: "PhoneNumber", user: "bob" } })
    const { group } = yield* Effect.promise(() => bob.createGroup("lunch", ["alice"]))
    const shown: Array<ReadonlyArray<string>> = []
    const close = yield* Effect.promise(() => ask(url, group, (buttons) => shown.push(buttons)))
    const { messages } = yield* Effect.promise(() => bob.history({ group }, { after: 0 }))
    const asked = messages.at(-1)
    assert.deepInclude<object>(asked!, { text: "Lunch?", data: { buttons: ["yes", "no"] }, mentions: ["bob"] })
    yield* Effect.promise(() => bob.send({ group }, "Or", { data: { buttons: ["later"] } }))
    yield* until(Effect.sync(() => shown.some(([first]) => first === "later")))
    yield* Effect.promise(() => Promise.all([close(), bob.close()]))
  })

  served("files.ts sends a picture", function*(port) {
    const path = join(yield* temporaryDirectory, "a.png")
    writeFileSync(path, "a picture")
    const url = `ws://127.0.0.1:${port}/ws`
    const shown: Array<string> = []
    const { signal } = new AbortController()
    yield* Effect.promise(() => sendPicture(url, path, (line) => shown.push(line), signal))
    assert.deepStrictEqual([shown[0], shown.at(-1)], ["0 of 9 bytes", "9 of 9 bytes"])
    const bob = connect({ url, credentials: { _tag: "PhoneNumber", user: "bob" } })
    const { messages } = yield* Effect.promise(() => bob.history({ recipient: "alice" }, { after: 0 }))
    const [message] = messages
    const file = message?.kind === "text" ? message.attachments?.[0] : undefined
    assert.deepStrictEqual([file?.name, file?.width, file?.height], ["a.png", 1_280, 720])
    assert.strictEqual(yield* Effect.promise(() => fetch(bob.fileUrl(file!)!).then((got) => got.text())), "a picture")
    yield* Effect.promise(() => bob.close())
  }, { files: moodyFiles().layer })

  it.live("node.ts gets in with a token", () =>
    Effect.gen(function*() {
      const url = yield* server("--auth", "jwt", "--jwt-secret", secret)
      const { output } = yield* runCommand(["token", "--user", "alice"], { SWITCHBOARD_JWT_SECRET: secret })
      const outbox = join(yield* temporaryDirectory, "outbox")
      const client = enter(url, () => Promise.resolve(output.trim()), outbox)
      assert.isEmpty((yield* Effect.promise(() => client.conversations())).conversations)
      yield* Effect.promise(() => client.close())
    }).pipe(Effect.scoped))

  it.live("browser.ts gets in with a ticket, and keeps its outbox", () =>
    Effect.gen(function*() {
      const url = yield* server()
      const values = new Map<string, string>()
      // A browser's, where Node has none.
      Object.defineProperty(globalThis, "localStorage", {
        configurable: true,
        value: {
          get length() {
            return values.size
          },
          key: (index: number) => Array.from(values.keys())[index] ?? null,
          getItem: (key: string) => values.get(key) ?? null,
          setItem: (key: string, value: string) => void values.set(key, value),
          removeItem: (key: string) => void values.delete(key)
        }
      })
      const client = enterPage(url.replace("ws:", "http:").replace("/ws", ""), "alice", "page")
      const sending = client.send({ recipient: "bob" }, "hello")
      assert.strictEqual((yield* Effect.promise(() => sending)).seq, 1)
      assert.strictEqual(values.size, 0)
      yield* Effect.promise(() => client.close())
    }).pipe(Effect.scoped))
})
