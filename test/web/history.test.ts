/** Long conversations: all of it can be reached, and it stays light. */
import { assert, it } from "vitest"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import type { Raw } from "./support/raw.ts"

/** So many at a time, as fast as they are accepted. */
const fill = async (bob: Raw, count: number, recipient = "alice"): Promise<void> => {
  for (let from = 1; from <= count; from += 250) {
    await Promise.all(
      Array.from({ length: Math.min(250, count - from + 1) }, (_, i) => bob.tell(recipient, `message ${from + i}`))
    )
  }
}

/** Scrolls to the very top again and again until the conversation begins there. */
const toTheBeginning = async (page: Person): Promise<void> => {
  const beginning = page.getByText("This is where it began")
  const isThere = async () => await beginning.isVisible() && await page.log.evaluate((log) => log.scrollTop) === 0
  for (let turn = 0; turn < 400 && !(await isThere()); turn++) {
    await page.log.hover()
    await page.mouse.wheel(0, -4_000)
    await page.drawn()
  }
  await beginning.waitFor()
}

onStage("a long conversation", (on) => {
  it("a thousand messages come by scrolling up, each once and in order, and few are drawn", async () => {
    const bob = await on.raw("bob")
    await fill(bob, 1_000)
    // Another device had them all, so this one is pushed none of them.
    const other = await on.raw("alice")
    await other.until((frame) => frame.type === "incoming_message" && frame.seq === 1_000)
    other.say({ type: "received", conversation: "dm:alice:bob", up_to: 1_000 })
    await other.ask({ type: "conversations" })
    const page = await on.person("alice")
    await page.row("bob").click()
    await page.message("message 1000").waitFor()
    assert.isBelow(await page.locator(".message").count(), 200)
    assert.isFalse(await page.getByText("This is where it began").isVisible())
    await toTheBeginning(page)
    await page.message("message 1").waitFor()
    assert.isBelow(await page.locator(".message").count(), 300)

    // Down again, page by page: every message is met, in its order.
    const met = new Set<number>()
    for (let turn = 0; turn < 400 && !met.has(1_000); turn++) {
      const shown = await page.locator(".message").evaluateAll((all) =>
        all.map((element) => Number(element.getAttribute("data-seq")))
      )
      assert.deepStrictEqual(shown, [...shown].sort((a, b) => a - b))
      for (const seq of shown) met.add(seq)
      await page.log.evaluate((element) => element.scrollBy(0, element.clientHeight))
      await page.drawn()
    }
    assert.strictEqual(met.size, 1_000)
  })

  it("what one reads stays where it is while older messages and new ones come", async () => {
    const bob = await on.raw("bob")
    const page = await on.person("alice")
    await page.row("bob").click()
    await page.message("message 1000").waitFor()
    await page.message("message 960").evaluate((element) => element.scrollIntoView())
    const top = () => page.message("message 960").evaluate((element) => Math.round(element.getBoundingClientRect().top))
    const before = await top()
    await bob.tell("alice", "one more")
    await page.row("bob").getByText("one more").waitFor()
    assert.closeTo(await top(), before, 2)
    await page.log.evaluate((element) => element.scrollBy(0, -1))
    await page.waitForFunction(() => document.querySelectorAll(".chunk").length > 3)
    assert.closeTo(await top(), before + 1, 3)

    await page.getByRole("button", { name: /To the latest/ }).click()
    await page.message("one more").waitFor()
    assert.isBelow(await page.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight), 5)
  })

  it("a reply leads to what it answers, however far up it is", async () => {
    const bob = await on.raw("bob")
    await bob.tell("alice", "as I said", { reply_to: 12 })
    const page = await on.person("alice")
    await page.row("bob").click()
    await page.message("as I said").locator(".quote").click()
    await page.message("message 12").waitFor()
    await page.isIn("[data-seq='12']")
    await page.write("back at the end")
    await page.message("back at the end").getByLabel(/Sent|Delivered/).waitFor()
  })

  it("five thousand that come at once are all there, and few are ever drawn", async () => {
    const bob = await on.raw("bob")
    await fill(bob, 5_000, "olivia")
    const page = await on.person("olivia")
    await page.row("bob").getByLabel(/unread/).waitFor()
    await page.row("bob").click()
    await page.message("message 5000").waitFor()
    const most = await page.log.evaluate(async (log) => {
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
    await page.message("message 1").waitFor()
  })
})
