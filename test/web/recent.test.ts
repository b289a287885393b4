/** The list of somebody with 1,000 conversations: latest first, with time and last words, for few requests. */
import type { Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { hasBrowser, screenshot } from "./support/browser.ts"
import { field, message, type Raw, row, signIn, type Stage, stage } from "./support/chat.ts"

const count = 1_000
const name = (i: number) => `person-${String(i).padStart(4, "0")}`

/** What the page says on its newest connection, by type. */
const frames = async (page: Page) => {
  let said: Array<{ readonly type: string; readonly users?: ReadonlyArray<string> }> = []
  await page.routeWebSocket(/\/ws/, (line) => {
    said = []
    const server = line.connectToServer()
    line.onMessage((data) => {
      said.push(JSON.parse(String(data)) as { readonly type: string })
      server.send(data)
    })
  })
  return {
    said: (type: string) => said.filter((frame) => frame.type === type)
  }
}

const names = (page: Page) => page.locator("button.row .name").allTextContents()

describe.skipIf(!hasBrowser)("a list of 1,000 conversations", () => {
  let on: Stage
  let mia: Raw
  beforeAll(async () => {
    on = await stage("--store", "memory", "--max-new-conversations-per-hour", "0")
    mia = await on.raw("mia")
    for (let i = 0; i < count; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, k) => mia.tell(name(i + k), `hello ${i + k}`)))
    }
    // Whose message is the very latest is told by one after another.
    for (const i of [3, 2, 1]) await mia.tell(name(i), `latest ${i}`)
    // All of it is known, so that what the page shows it has from the list.
    for (let i = 0; i < count; i++) {
      mia.say({ type: "received", conversation: `dm:mia:${name(i)}`, up_to: i >= 1 && i <= 3 ? 2 : 1 })
    }
    await mia.ask({ type: "ping" })
  }, 60_000)
  afterAll(() => on.close())

  it("comes newest first, with time and last words, after one request, and nothing else is asked for each", async () => {
    const page = await on.page()
    const line = await frames(page)
    await signIn(page, "mia")
    await row(page, name(1)).getByText("latest 1").waitFor()
    assert.deepStrictEqual((await names(page)).slice(0, 3), [name(1), name(2), name(3)])
    assert.match(await row(page, name(1)).locator("time").textContent() ?? "", /^\d{1,2}:\d\d$/)
    await page.locator("button.row .dot").first().waitFor({ timeout: 300 }).catch(() => {})
    assert.strictEqual(line.said("conversations").length, 1)
    assert.strictEqual(line.said("history").length, 0)
    const watched = line.said("subscribe_presence")
    assert.strictEqual(watched.length, 1)
    assert.isBelow(watched[0]!.users!.length, 40)
    await screenshot(page, "list-of-1000")

    // The rest comes as one scrolls, and whoever searches finds all.
    await page.locator(".sidebar nav").evaluate((nav) => nav.scrollTo(0, nav.scrollHeight))
    await page.waitForFunction(() => document.querySelectorAll("button.row").length > 150)
    assert.strictEqual(line.said("conversations").length, 2)
    await page.getByRole("searchbox").fill(name(17))
    await row(page, name(17)).getByText("hello 17").waitFor()
    await page.getByRole("searchbox").fill("")
    await page.waitForFunction((count) => document.querySelectorAll("button.row").length === count, count)
    assert.strictEqual(line.said("conversations").length, 10)
    assert.strictEqual(line.said("history").length, 0)
    assert.strictEqual(new Set(await names(page)).size, count)
  })

  it("keeps time and order over a reload with an old conversation open, which is there with its words", async () => {
    const page = await on.page()
    const line = await frames(page)
    await signIn(page, "mia")
    const old = await page.evaluate((id) => `#/c/${encodeURIComponent(id)}`, `dm:mia:${name(40)}`)
    await page.evaluate((hash) => {
      location.hash = hash
    }, old)
    await page.reload()
    await message(page, "hello 40").waitFor()
    await field(page).waitFor()
    await row(page, name(1)).getByText("latest 1").waitFor()
    assert.deepStrictEqual((await names(page)).slice(0, 3), [name(1), name(2), name(3)])
    assert.strictEqual(line.said("conversations").length, 1)
    assert.strictEqual(line.said("history").length, 1)
    assert.isAtMost(line.said("subscribe_presence").length, 2)
  })

  it("has at its top what is said in one that it did not know of, with what is unread there", async () => {
    const page = await on.page()
    await signIn(page, "mia")
    await row(page, name(1)).waitFor()
    const other = await on.raw(name(60))
    await other.tell("mia", "I am here, too")
    await row(page, name(60)).getByText("I am here, too").waitFor()
    assert.strictEqual((await names(page))[0], name(60))
    await row(page, name(60)).locator(".badge", { hasText: "1" }).waitFor()
  })
})
