/** The page without a network, installed, and told of messages while it is closed. */
import type { WebSocketRoute } from "playwright-core"
import { assert, it } from "vitest"
import { findings } from "./support/axe.ts"
import { screenshot } from "./support/browser.ts"
import { comesTrue } from "./support/comesTrue.ts"
import { frontOf } from "./support/front.ts"
import { looks } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import { clickNote, notes, push, subscribesTo, withNotes, withWorker, workerReady } from "./support/worker.ts"

const payload = (more: object = {}) =>
  JSON.stringify({ type: "message", conversation: "dm:alice:bob", seq: 1, sender: "bob", text: "hi", at: 1, ...more })

/** A server with Web Push, as far as a page notices. Answers what the page says about it. */
const withPush = async (page: Person) => {
  const said: Array<{ readonly type: string; readonly subscription?: { readonly endpoint: string } }> = []
  const key = Buffer.from([4, ...Array.from({ length: 64 }, (_, i) => i)]).toString("base64url")
  await page.routeWebSocket(/\/ws/, (line: WebSocketRoute) => {
    const server = line.connectToServer()
    server.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { readonly type: string }
      line.send(frame.type === "welcome" ? JSON.stringify({ ...frame, push: true }) : data)
    })
    line.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { readonly id: string; readonly type: string }
      if (!frame.type.startsWith("push_")) return server.send(data)
      said.push(frame)
      line.send(JSON.stringify({ type: "push_subscriptions", id: frame.id, endpoints: [], public_key: key }))
    })
  })
  await subscribesTo(page, { endpoint: "https://push.example/1", keys: { auth: "YXV0aA", p256dh: "cDI1Ng" } })
  await page.reload()
  return {
    /** What the page said, as soon as it said so much. */
    said: async (count: number) => {
      for (let looks = 0; said.length < count && looks < 500; looks++) await page.drawn()
      return said.map(({ subscription, type }) => [type, subscription?.endpoint] as const)
    }
  }
}

/** What is kept of what the page showed, as text. */
const shownBefore = (page: Person): Promise<string> =>
  page.evaluate(async () => {
    const name = (await indexedDB.databases()).map(({ name }) => name).find((name) =>
      name?.startsWith("switchboard.shown")
    )
    if (name === undefined) return ""
    return new Promise<string>((resolve) => {
      const asked = indexedDB.open(name)
      asked.addEventListener("success", () => {
        const all = asked.result.transaction("conversations").objectStore("conversations").getAll()
        all.addEventListener("success", () => {
          resolve(JSON.stringify(all.result))
          asked.result.close()
        })
      })
    })
  })

/** It is written a moment after it was shown. */
const keeps = async (page: Person, text: string) => {
  for (let looks = 0; looks < 1_000 && !(await shownBefore(page)).includes(text); looks++) await page.drawn()
}

onStage("the page with a service worker", (on) => {
  it("can be installed", async () => {
    const page = await on.page(withWorker)
    await workerReady(page)
    const tools = await page.context().newCDPSession(page)
    const { installabilityErrors } = await tools.send("Page.getInstallabilityErrors")
    // Every context of these tests is one.
    assert.deepStrictEqual(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"), [])
    const { errors, url } = await tools.send("Page.getAppManifest")
    assert.deepStrictEqual([errors, url], [[], `${on.url}manifest.webmanifest`])
  })

  it("a newer version is offered, comes when somebody wants it, and takes the place of the old files", async () => {
    const front = await frontOf(on.url)
    try {
      const page = await on.page(withWorker)
      await page.goto(front.url)
      await workerReady(page)
      await page.signIn("vera")
      const script = await front.read("sw.js")
      front.have(
        "/sw.js",
        script.replace(/"version":"[^"]+"/, "\"version\":\"next\"").replace(/"files":\[[^\]]*\]/, "\"files\":[\"./\"]")
      )
      await page.evaluate(async () => void await (await navigator.serviceWorker.ready).update())
      await page.getByText("There is a newer version of this page.").waitFor()
      await Promise.all([page.waitForEvent("load"), page.button("Reload").click()])
      await page.ready()
      await comesTrue(() => page.evaluate(async () => (await caches.keys()).every((name) => name.endsWith(" next"))))
    } finally {
      front.close()
    }
  })

  it("shows what is pushed, says as much of it as was chosen, and a click comes to the message", async () => {
    const bob = await on.raw("bob")
    const seq = await bob.tell("alice", "the one that was pushed")
    for (let i = 1; i <= 30; i++) await bob.tell("alice", `later ${i}`)
    const page = await on.page(withNotes)
    await workerReady(page)
    const server = await withPush(page)
    await page.signIn("alice")
    await page.button("Notifications").click()
    await page.getByRole("switch", { name: "Notify me when the page is closed" }).click()
    await page.getByRole("switch", { name: "Notify me when the page is closed", checked: true }).waitFor()
    assert.deepStrictEqual(await server.said(2), [
      ["push_subscribe", undefined],
      ["push_subscribe", "https://push.example/1"]
    ])
    await push(page, payload({ seq, sender_name: "Bob", group_name: "Harbour", text: "the one that was pushed" }))
    const [note] = await notes(page, 1)
    assert.deepStrictEqual(note, { title: "Bob (Harbour)", body: "the one that was pushed", tag: "alice dm:alice:bob" })
    await page.getByLabel("What a notification shows").selectOption("nothing")
    await comesTrue(() =>
      page.evaluate(async () => {
        for (const name of await caches.keys()) {
          const kept = await (await caches.open(name)).match(new URL("device", document.baseURI))
          if (kept !== undefined && (await kept.json()).show === "nothing") return true
        }
        return false
      })
    )
    await push(page, payload({ seq, sender_name: "Bob" }))
    await comesTrue(async () => {
      const all = await notes(page, 1)
      return all[0]!.title === "Switchboard" && all[0]!.body === "New message"
    })
    await clickNote(page)
    await page.message("the one that was pushed").waitFor()
    await page.isIn(`[data-seq="${seq}"]`)
    // It is read now, so it lies there no longer.
    await notes(page, 0)

    // Signed out, the browser is told of nothing, and of what comes all the same nothing is shown.
    await page.button("Sign out").click()
    await page.getByLabel("Your name").waitFor()
    assert.deepStrictEqual((await server.said(3)).at(-1), ["push_unsubscribe", "https://push.example/1"])
    await push(page, payload({ text: "secret" }))
    const [after] = await notes(page, 1)
    assert.deepStrictEqual([after?.title, after?.body], ["Switchboard", "New message"])
  })
})

onStage(
  "the page without a network",
  (on) => {
    it("opens to what was here last, takes what is written, and has the truth when it is back", async () => {
      const page = await on.page(withWorker)
      await workerReady(page)
      await page.signIn("alice")
      const bob = await on.raw("bob")
      await page.startWith("bob")
      await page.say("said before")
      const seq = await bob.tell("alice", "to be deleted")
      await page.message("to be deleted").waitFor()
      await keeps(page, "to be deleted")
      on.cut()
      await page.reload()
      await page.message("said before").waitFor()
      assert.deepStrictEqual(await page.texts(), ["said before", "to be deleted"])
      await page.getByText("You are offline.").waitFor()
      await page.write("written without a network")
      await page.ticked("written without a network", "Waiting to be sent")
      await screenshot(page, "1180-offline-opening")

      await on.restart()
      const again = await on.raw("bob")
      await again.ask({ type: "delete_message", recipient: "alice", seq })
      await page.tryNow()
      await page.ticked("written without a network", "Sent")
      await page.message("Message deleted").waitFor()
      assert.deepStrictEqual(await page.texts(), ["said before", "Message deleted", "written without a network"])

      // Whoever comes after them sees nothing of it, with a network or without.
      await page.button("Sign out").click()
      await page.signIn("carol")
      on.cut()
      await page.getByText("You are offline.").waitFor()
      await page.reload()
      await page.getByText("You are offline.").waitFor()
      assert.strictEqual(await page.locator("button.row[data-id], .row .name").count(), 0)
      const kept = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
      assert.isTrue(kept.every((name) => name?.endsWith(" alice") !== true), kept.join())
      await on.restart()
    })

    it.each(looks)("$at: a list without a network", async ({ at, options }) => {
      const page = await on.page({ ...options, ...withWorker })
      await workerReady(page)
      const me = `olga-${at}`
      await page.signIn(me)
      const bob = await on.raw("bob")
      await bob.ask({ type: "set_profile", name: "Bob Berg" })
      await bob.tell(me, "for later")
      await page.row("Bob Berg").waitFor()
      await keeps(page, "for later")
      await page.context().setOffline(true)
      on.cut()
      await page.reload()
      await page.getByText("You are offline.").waitFor()
      await page.row("Bob Berg").waitFor()
      await screenshot(page, `${at}-offline-list`)
      assert.deepStrictEqual(await findings(page), [])
      await page.context().setOffline(false)
      await on.restart()
    })
  },
  "--data",
  "{directory}/chat.db"
)
