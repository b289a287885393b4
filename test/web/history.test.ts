/** Long conversations: all of it can be reached, and it stays light. */
import type { Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { hasBrowser } from "./support/browser.ts"
import { message, type Raw, row, signIn, type Stage, stage, write } from "./support/chat.ts"

const scroller = ".log"

/** So many at a time, as fast as they are accepted. */
const fill = async (bob: Raw, count: number, recipient = "alice"): Promise<void> => {
  for (let from = 1; from <= count; from += 250) {
    await Promise.all(
      Array.from({ length: Math.min(250, count - from + 1) }, (_, i) => bob.tell(recipient, `message ${from + i}`))
    )
  }
}

/** Scrolls to the very top again and again until the conversation begins there. */
const toTheBeginning = async (page: Page): Promise<void> => {
  const beginning = page.getByText("This is where it began")
  const isThere = async () =>
    await beginning.isVisible() && await page.locator(scroller).evaluate((element) => element.scrollTop) === 0
  for (let turn = 0; turn < 400 && !(await isThere()); turn++) {
    await page.locator(scroller).hover()
    await page.mouse.wheel(0, -4_000)
    await page.evaluate(() =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined))))
    )
  }
  await beginning.waitFor()
}

describe.skipIf(!hasBrowser)("a long conversation", () => {
  let on: Stage
  beforeAll(async () => {
    on = await stage()
  })
  afterAll(() => on.close())

  it("a thousand messages come by scrolling up, each once and in order, and few are drawn", async () => {
    const bob = await on.raw("bob")
    await fill(bob, 1_000)
    // Another device had them all, so this one is pushed none of them.
    const other = await on.raw("alice")
    await other.until((frame) => frame.type === "incoming_message" && frame.seq === 1_000)
    other.say({ type: "received", conversation: "dm:alice:bob", up_to: 1_000 })
    await other.ask({ type: "conversations" })
    const page = await on.page()
    await signIn(page, "alice")
    await row(page, "bob").click()
    await message(page, "message 1000").waitFor()
    assert.isBelow(await page.locator(".message").count(), 200)
    assert.isFalse(await page.getByText("This is where it began").isVisible())
    await toTheBeginning(page)
    await message(page, "message 1").waitFor()
    assert.isBelow(await page.locator(".message").count(), 300)

    // Down again, page by page: every message is met, in its order.
    const met = new Set<number>()
    for (let turn = 0; turn < 400 && !met.has(1_000); turn++) {
      const shown = await page.locator(".message").evaluateAll((all) =>
        all.map((element) => Number(element.getAttribute("data-seq")))
      )
      assert.deepStrictEqual(shown, [...shown].sort((a, b) => a - b))
      for (const seq of shown) met.add(seq)
      await page.locator(scroller).evaluate((element) => element.scrollBy(0, element.clientHeight))
      await page.evaluate(() =>
        new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined))))
      )
    }
    assert.strictEqual(met.size, 1_000)
  })

  it("what one reads stays where it is while older messages and new ones come", async () => {
    const bob = await on.raw("bob")
    const page = await on.page()
    await signIn(page, "alice")
    await row(page, "bob").click()
    await message(page, "message 1000").waitFor()
    await message(page, "message 960").evaluate((element) => element.scrollIntoView())
    const top = () =>
      message(page, "message 960").evaluate((element) => Math.round(element.getBoundingClientRect().top))
    const before = await top()
    await bob.tell("alice", "one more")
    await row(page, "bob").getByText("one more").waitFor()
    assert.closeTo(await top(), before, 2)
    await page.locator(scroller).evaluate((element) => element.scrollBy(0, -1))
    await page.waitForFunction(() => document.querySelectorAll(".chunk").length > 3)
    assert.closeTo(await top(), before + 1, 3)

    await page.getByRole("button", { name: /To the latest/ }).click()
    await message(page, "one more").waitFor()
    assert.isTrue(
      await page.locator(scroller).evaluate((element) =>
        element.scrollHeight - element.scrollTop - element.clientHeight < 5
      )
    )
  })

  it("a reply leads to what it answers, however far up it is", async () => {
    const bob = await on.raw("bob")
    await bob.ask({ type: "chat_message", recipient: "alice", text: "as I said", reply_to: 12 })
    const page = await on.page()
    await signIn(page, "alice")
    await row(page, "bob").click()
    await message(page, "as I said").locator(".quote").click()
    await message(page, "message 12").waitFor()
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-seq") === "12")
    await write(page, "back at the end")
    await message(page, "back at the end").getByLabel(/Sent|Delivered/).waitFor()
  })

  it("five thousand that come at once are all there, and few are ever drawn", async () => {
    const bob = await on.raw("bob")
    await fill(bob, 5_000, "olivia")
    const page = await on.page()
    await signIn(page, "olivia")
    await row(page, "bob").getByLabel(/unread/).waitFor()
    await row(page, "bob").click()
    await message(page, "message 5000").waitFor()
    const most = await page.locator(scroller).evaluate(async (log) => {
      let most = 0
      for (let turn = 0; turn < 1_000 && (turn === 0 || log.scrollTop > 0); turn++) {
        log.scrollTop -= 1_500
        await new Promise((resolve) => requestAnimationFrame(resolve))
        most = Math.max(most, log.querySelectorAll(".message").length)
      }
      return most
    })
    assert.isAtMost(most, 250)
    // What was not pushed yet when the last page came is loaded on the way.
    await toTheBeginning(page)
    await message(page, "message 1").waitFor()
  })
})
