/** The list of somebody with 1,000 conversations: latest first, with time and last words, for few requests. */
import type { Page } from "playwright-core"
import { assert, beforeAll, it, vi } from "vitest"
import type { ConversationList } from "../../src/domain/ServerFrame.ts"
import { screenshot } from "./support/browser.ts"
import { type Line, lineOf } from "./support/line.ts"
import { onStage } from "./support/onStage.ts"
import type { Raw } from "./support/raw.ts"

const count = 1_000
const name = (i: number) => `person-${String(i).padStart(4, "0")}`

/** Whose presence the page has asked for. */
const watchedOn = (line: Line) => line.said("subscribe_presence").flatMap(({ users = [] }) => users)

const names = (page: Page) => page.locator("button.row .name").allTextContents()

/** In how many conversations something was not confirmed. */
const unknownTo = async (who: Raw) => {
  let unknown = 0
  for (let after: string | undefined, more = true; more;) {
    const list = await who.ask({ type: "conversations", limit: 100, ...(after === undefined ? {} : { after }) })
    const { conversations, has_more } = list as ConversationList
    unknown += conversations.filter(({ head_seq, received }) => received < head_seq).length
    after = conversations.at(-1)?.conversation
    more = has_more
  }
  return unknown
}

onStage(
  "a list of 1,000 conversations",
  (on) => {
    beforeAll(async () => {
      const mia = await on.raw("mia")
      for (let i = 0; i < count; i += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, k) => mia.tell(name(i + k), `hello ${i + k}`)))
      }
      // Whose message is the very latest is told by one after another.
      for (const i of [3, 2, 1]) await mia.tell(name(i), `latest ${i}`)
      // All of it is known, so that what the page shows it has from the list.
      for (let i = 0; i < count; i++) {
        mia.say({ type: "received", conversation: `dm:mia:${name(i)}`, up_to: i >= 1 && i <= 3 ? 2 : 1 })
      }
      // They are kept a few at a time, and what is not would be pushed to the page.
      await vi.waitFor(async () => assert.strictEqual(await unknownTo(mia), 0), { timeout: 60_000, interval: 200 })
    })

    it("comes newest first, with time and last words, after one request, and nothing else is asked for each", async () => {
      const page = await on.page()
      const line = await lineOf(page)
      await page.signIn("mia")
      await page.row(name(1)).getByText("latest 1").waitFor()
      assert.deepStrictEqual((await names(page)).slice(0, 3), [name(1), name(2), name(3)])
      assert.match(await page.row(name(1)).locator("time").textContent() ?? "", /^\d{1,2}:\d\d$/)
      await vi.waitFor(() => assert.include(watchedOn(line), name(1)))
      assert.isBelow(watchedOn(line).length, 40)
      assert.lengthOf(line.said("conversations"), 1)
      assert.lengthOf(line.said("history"), 0)
      await screenshot(page, "list-of-1000")

      // The rest comes as one scrolls, and whoever searches finds all.
      await page.locator(".sidebar nav").evaluate((nav) => nav.scrollTo(0, nav.scrollHeight))
      await page.waitForFunction(() => document.querySelectorAll("button.row").length > 150)
      assert.lengthOf(line.said("conversations"), 2)
      await page.getByRole("searchbox").fill(name(17))
      await page.row(name(17)).getByText("hello 17").waitFor()
      await page.getByRole("searchbox").fill("")
      await page.waitForFunction((count) => document.querySelectorAll("button.row").length === count, count)
      assert.lengthOf(line.said("conversations"), 10)
      assert.lengthOf(line.said("history"), 0)
      assert.strictEqual(new Set(await names(page)).size, count)
    })

    it("keeps time and order over a reload with an old conversation open, which is there with its words", async () => {
      const page = await on.page()
      const line = await lineOf(page)
      await page.signIn("mia")
      await page.goto(`${on.url}#/c/${encodeURIComponent(`dm:mia:${name(40)}`)}`)
      await page.reload()
      await page.message("hello 40").waitFor()
      await page.field.waitFor()
      await page.row(name(1)).getByText("latest 1").waitFor()
      assert.deepStrictEqual((await names(page)).slice(0, 3), [name(1), name(2), name(3)])
      assert.lengthOf(line.said("conversations"), 1)
      assert.lengthOf(line.said("history"), 1)
      // However many parts the list came in, it is few people, and each of them once.
      await vi.waitFor(() => assert.includeMembers(watchedOn(line), [name(1), name(40)]))
      assert.isBelow(watchedOn(line).length, 40)
      assert.strictEqual(new Set(watchedOn(line)).size, watchedOn(line).length)
    })

    it("has at its top what is said in one that it did not know of, with what is unread there", async () => {
      const page = await on.person("mia")
      await page.row(name(1)).waitFor()
      const other = await on.raw(name(60))
      await other.tell("mia", "I am here, too")
      await page.row(name(60)).getByText("I am here, too").waitFor()
      assert.strictEqual((await names(page))[0], name(60))
      await page.row(name(60)).locator(".badge", { hasText: "1" }).waitFor()
    })
  },
  "--store",
  "memory",
  "--max-new-conversations-per-hour",
  "0"
)
