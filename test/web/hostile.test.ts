/** What a message may contain without harm to the page or its look. */
import type { Page } from "playwright-core"
import { assert, beforeAll, it } from "vitest"
import { phone, screenshot } from "./support/browser.ts"
import { onStage } from "./support/onStage.ts"

const hostile = [
  "<img src=x onerror=\"document.title='broken'\">",
  "<script>document.title='broken'</script>",
  "</p></div><style>body{display:none}</style>",
  "&lt;b&gt; &amp; &#60;",
  "javascript:document.title='broken'",
  "[click](javascript:alert(1)) data:text/html,<script>alert(1)</script>",
  "{{constructor.constructor('return 1')()}} ${1}",
  "w".repeat(10_240),
  `${"word ".repeat(2_000)}end`,
  "שלום עולם, זה משפט ארוך שנכתב מימין לשמאל כדי לראות לאן הוא הולך",
  "\u202ethis was turned around\u202c and this was not",
  "👩‍👩‍👧‍👦👨‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽",
  "👩‍👩‍👧‍👦",
  "Z̸̡̛͔a̷̢͝l̶̨̛g̷̡̕o̶̧͠".repeat(20),
  "\u0007\u001b[31mcontrol\u0001"
]

/** Nothing sticks out, at any depth. */
const overflow = (page: Page) =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll(".message, .bubble, .row, .log, .composer, .chat-header, body"))
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect()
        return left < -1 || right > innerWidth + 1 || (element.matches(".log, body") &&
          element.scrollWidth > element.clientWidth + 1)
      })
      .map((element) => element.className)
  )

onStage("hostile texts", (on) => {
  beforeAll(async () => {
    const mallory = await on.raw("mallory")
    for (const text of hostile) await mallory.tell("alice", text)
  })

  it.each(["wide", "narrow"] as const)("are shown as they are and break nothing: %s", async (width) => {
    const page = await on.person("alice", width === "narrow" ? phone : {})
    await page.row("mallory").click()
    await page.locator("[data-seq]").nth(hostile.length - 1).waitFor()
    const more = page.getByRole("button", { name: "Show all" })
    for (let left = await more.count(); left > 0; left--) await more.first().click()
    await more.waitFor({ state: "detached" })
    const shown = await page.locator(".message .text").evaluateAll((all) => all.map((each) => each.textContent))
    assert.deepStrictEqual(shown, hostile)
    assert.deepStrictEqual(await overflow(page), [])
    assert.strictEqual(await page.locator(".message :is(img, script, style, a)").count(), 0)
    assert.notInclude(await page.title(), "broken")
    assert.strictEqual(await page.evaluate(() => getComputedStyle(document.body).display), "block")
    const right = await page.getByText(/^שלום עולם/).last().evaluate((each) => getComputedStyle(each).direction)
    assert.strictEqual(right, "rtl")
    await screenshot(page, `hostile-${width}`)
  })

  it("one's own come back as they were typed, and links are only links", async () => {
    const page = await on.person("eve")
    await page.goto(`${on.url}#/c/${encodeURIComponent("dm:eve:mallory")}`)
    await page.reload()
    await page.field.waitFor()
    const text = "see https://example.org/a?b=1#c. and javascript:alert(1) <b>bold</b>"
    await page.say(text)
    const links = page.locator(".message a")
    assert.strictEqual(await links.count(), 1)
    assert.strictEqual(await links.getAttribute("href"), "https://example.org/a?b=1#c")
    assert.strictEqual(await links.getAttribute("rel"), "noopener noreferrer nofollow")
    assert.strictEqual(await links.getAttribute("target"), "_blank")
  })

  it("an address that names no conversation of the user opens none", async () => {
    const page = await on.person("eve")
    for (const id of ["dm:alice:mallory", "<b>", "%", "group:", "dm:eve"]) {
      await page.goto(`${on.url}#/c/${id === "%" ? id : encodeURIComponent(id)}`)
      await page.reload()
      await page.getByText("Choose a conversation, or begin a new one.").waitFor()
    }
  })
})
