/** The outbox in IndexedDB, in the browser that has one: the client itself, without the page. */
import { join } from "node:path"
import { rolldown } from "rolldown"
import { assert, beforeAll, it } from "vitest"
import { root } from "../support/ServerProcess.ts"
import { onStage } from "./support/onStage.ts"

type Client = typeof import("../../src/client/index.ts")
declare const chat: Client

const script = async (): Promise<string> => {
  const build = await rolldown({ input: join(root, "src/client/index.ts"), platform: "browser", treeshake: true })
  const { output } = await build.generate({ format: "iife", name: "chat" })
  await build.close()
  return `${output[0].code}\n;globalThis.chat = chat`
}

onStage("the outbox in IndexedDB", (on) => {
  let client: string
  beforeAll(async () => {
    client = await script()
  })

  it("P3 what was said to a server that is not there arrives after a reload, once and in order", async () => {
    const page = await on.page()
    await page.evaluate(client)
    // The discard port: nobody answers.
    await page.evaluate(async () => {
      const outbox = chat.indexedDbOutbox("outbox of alice")
      const client = chat.connect({
        url: "ws://127.0.0.1:9/ws",
        credentials: { _tag: "Ticket", ticket: () => Promise.reject(new Error("no server")) },
        outbox
      })
      for (const text of ["one", "two", "three"]) client.send({ recipient: "alice" }, text).catch(() => {})
      // Not by the clock: each look is a transaction, and comes after those before it.
      while ((await outbox.load()).length < 3) { /* look again */ }
    })
    await page.reload()
    await page.evaluate(client)
    const texts = await page.evaluate(async () => {
      const outbox = chat.indexedDbOutbox("outbox of alice")
      const left = (await outbox.load()).map(({ text }) => text)
      const heard: Array<string> = []
      const client = chat.connect({
        url: `ws://${location.host}/ws`,
        credentials: {
          _tag: "Ticket",
          ticket: () =>
            fetch("/v1/tickets", {
              method: "POST",
              headers: { "phone-number": "alice", "content-type": "application/json" },
              body: "{}"
            }).then((response) => response.json()).then(({ ticket }) => ticket)
        },
        outbox
      })
      await new Promise<void>((resolve) =>
        client.onEvent((event) => {
          if (event.type === "accepted") heard.push(event.message.text)
          if (heard.length === 3) resolve()
        })
      )
      while ((await outbox.load()).length > 0) { /* look again */ }
      const { messages } = await client.history({ recipient: "alice" }, { after: 0, limit: 100 })
      await client.close()
      return [left, heard, messages.map((entry) => entry.kind === "text" ? entry.text : "")]
    })
    const all = ["one", "two", "three"]
    assert.deepStrictEqual(texts, [all, all, all])
  })

  it("what another program left there is no message; a database that cannot be opened refuses what is said", async () => {
    const page = await on.page()
    await page.evaluate(client)
    const [kept, refused] = await page.evaluate(async () => {
      const outbox = chat.indexedDbOutbox("strange")
      const message = (id: string, at: number) => ({ id, at, target: { recipient: "bob" }, text: id })
      await outbox.put(message("b", 2))
      await outbox.put(message("a", 1))
      await outbox.put({ id: "c", nonsense: true } as never)
      await outbox.remove("not there")
      const kept = (await outbox.load()).map(({ id }) => id)
      // A newer version is there, so version 1 cannot be opened.
      await new Promise((resolve) => {
        const opening = indexedDB.open("newer", 2)
        opening.onsuccess = () => resolve(opening.result.close())
      })
      const reason = (outbox: ReturnType<Client["indexedDbOutbox"]>) =>
        Promise.resolve(outbox.put(message("x", 1))).then(() => "kept", (error: Error) => error.name)
      return [kept, [await reason(chat.indexedDbOutbox("newer")), await reason(chat.indexedDbOutbox("newer"))]]
    })
    assert.deepStrictEqual([kept, refused], [["a", "b"], ["VersionError", "VersionError"]])
  })
})
