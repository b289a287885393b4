/** Uploads of the client in a browser, over its `XMLHttpRequest`: the client itself, without the page. */
import { join } from "node:path"
import { rolldown } from "rolldown"
import { assert, beforeAll, it } from "vitest"
import { root } from "../support/ServerProcess.ts"
import { onStage } from "./support/onStage.ts"

type Client = typeof import("../../src/client/index.ts")
declare const enter: (user: string) => ReturnType<Client["connect"]>

const script = async (): Promise<string> => {
  const build = await rolldown({ input: join(root, "src/client/index.ts"), platform: "browser", treeshake: true })
  const { output } = await build.generate({ format: "iife", name: "chat" })
  await build.close()
  return `${output[0].code}
    globalThis.chat = chat
    globalThis.enter = (user) => chat.connect({
      url: "ws://" + location.host + "/ws",
      credentials: { _tag: "Ticket", ticket: () =>
        fetch("/v1/tickets", {
          method: "POST",
          headers: { "phone-number": user, "content-type": "application/json" },
          body: "{}"
        }).then((response) => response.json()).then(({ ticket }) => ticket) }
    })`
}

onStage("uploads in a browser", (on) => {
  let client: string
  beforeAll(async () => {
    client = await script()
  })

  it("a file goes up, and it is told how far; what comes back is where it says", async () => {
    const page = await on.page()
    await page.evaluate(client)
    const [file, progress, text, status] = await page.evaluate(async () => {
      const alice = enter("alice")
      const progress: Array<number> = []
      const content = "0123456789".repeat(500_000)
      const uploaded = await alice.upload(new File([content], "Größe.txt", { type: "text/plain" }), {
        onProgress: ({ sent }) => progress.push(sent)
      })
      const { conversation, seq } = await alice.send({ recipient: "bob" }, "", { attachments: [uploaded] })
      const { messages } = await alice.history({ conversation }, { after: seq - 1, limit: 1 })
      const entry = messages[0]
      const attachment = entry?.kind === "text" ? entry.attachments?.[0] : undefined
      const response = await fetch(alice.fileUrl(attachment!)!)
      const got = await response.text()
      await alice.close()
      return [uploaded, progress, got === content, response.status] as const
    })
    assert.deepInclude(file, { name: "Größe.txt", type: "text/plain", size: 5_000_000 })
    assert.deepStrictEqual([progress[0], progress.at(-1)], [0, 5_000_000])
    assert.deepStrictEqual([...progress], progress.toSorted((a, b) => a - b))
    assert.deepStrictEqual([text, status], [true, 200])
  })

  it("a stream is gathered first; a refusal is the server's sentence; one can be given up", async () => {
    const page = await on.page()
    await page.evaluate(client)
    const [size, refused, cancelled] = await page.evaluate(async () => {
      const alice = enter("alice")
      const failure = (promise: Promise<unknown>) =>
        promise.then(() => undefined, ({ code, message, reason }) => ({ code, message, reason }))
      const { size } = await alice.upload(new Blob(["hello"]).stream())
      const refused = await failure(alice.upload(new Blob(["x"]), { name: "a/b" }))
      const controller = new AbortController()
      const large = new Blob([new Uint8Array(20_000_000)])
      const cancelled = await failure(alice.upload(large, {
        signal: controller.signal,
        onProgress: ({ sent }) => sent > 0 && controller.abort()
      }))
      await alice.close()
      return [size, refused, cancelled] as const
    })
    assert.strictEqual(size, 5)
    assert.deepInclude(refused, { code: 400, reason: "upload" })
    assert.match(refused!.message, /^Give the file a name/)
    assert.deepInclude(cancelled, { reason: "cancelled" })
  })
})
