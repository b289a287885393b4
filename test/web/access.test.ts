/** For everybody: without a mouse, with a screen reader, on a phone, at night. */
import type { Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { findings } from "./support/axe.ts"
import { hasBrowser, phone, screenshot } from "./support/browser.ts"
import { act, field, message, type Raw, row, signIn, type Stage, stage, startWith, write } from "./support/chat.ts"

const isFocused = (page: Page, selector: string) =>
  page.waitForFunction((selector) => document.activeElement?.matches(selector), selector)

describe.skipIf(!hasBrowser)("the page for everybody", () => {
  let on: Stage
  let bob: Raw
  beforeAll(async () => {
    on = await stage()
    bob = await on.raw("bob")
    const carol = await on.raw("carol")
    for (
      const text of ["Did the night run finish?", "I saw the graph jump at four.", "See https://example.org/graphs"]
    ) {
      await bob.tell("alice", text)
    }
    await carol.tell("alice", "Lunch at one?")
  })
  afterAll(() => on.close())

  it.each(["light", "dark"] as const)("axe finds nothing serious in any state: %s", async (colorScheme) => {
    const page = await on.page({ colorScheme, bypassCSP: true })
    assert.deepStrictEqual(await findings(page), [], "sign-in")
    await page.keyboard.type("not a name")
    await page.keyboard.press("Enter")
    assert.deepStrictEqual(await findings(page), [], "a refused name")
    await signIn(page, "alice")
    await row(page, "bob").waitFor()
    assert.deepStrictEqual(await findings(page), [], "the list")
    await row(page, "bob").click()
    await write(page, `It did, ${colorScheme}`)
    await message(page, `It did, ${colorScheme}`).getByLabel("Sent", { exact: true }).waitFor()
    await message(page, `It did, ${colorScheme}`).locator(".bubble").hover()
    assert.deepStrictEqual(await findings(page), [], "a conversation")
    await page.getByRole("toolbar").getByRole("button", { name: "React" }).click()
    assert.deepStrictEqual(await findings(page), [], "choosing a reaction")
    await page.getByRole("button", { name: "React with 👍" }).click()
    await act(page, "Did the night run finish?", "Reply")
    assert.deepStrictEqual(await findings(page), [], "a reaction and a reply")
    await screenshot(page, `${colorScheme}-reply`)
    await page.keyboard.press("Escape")
    for (const name of ["New conversation", "New group", "Contact details"]) {
      await page.getByRole("button", { name }).click()
      await page.getByRole("dialog").waitFor()
      assert.deepStrictEqual(await findings(page), [], name)
      await screenshot(page, `${colorScheme}-${name.toLowerCase().replaceAll(" ", "-")}`)
      await page.keyboard.press("Escape")
      await page.getByRole("dialog").waitFor({ state: "detached" })
    }
  })

  it("everything can be done with the keyboard alone", async () => {
    const page = await on.page()
    const { keyboard } = page
    await isFocused(page, "#identity")
    await keyboard.type("keith")
    await keyboard.press("Enter")
    await page.locator(".link-ready").waitFor()
    await bob.tell("keith", "Hello Keith")
    const carol = await on.raw("carla")
    await carol.tell("keith", "Hello from Carla")
    await row(page, "bob").waitFor()
    await row(page, "carla").waitFor()

    // To the list: one stop for all of it, arrows inside, Enter opens.
    for (let i = 0; i < 12; i++) {
      await keyboard.press("Tab")
      if (await page.evaluate(() => document.activeElement?.matches("button.row") === true)) break
    }
    await isFocused(page, "button.row")
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await isFocused(page, ".composer textarea")
    await keyboard.type("first line")
    await keyboard.press("Shift+Enter")
    await keyboard.type("second line")
    await keyboard.press("Enter")
    await bob.until((frame) => frame.type === "incoming_message" && frame.text === "first line\nsecond line")
    await isFocused(page, ".composer textarea")

    // The arrow up in an empty field edits one's last message; Esc gives up.
    await page.locator(".message.own:not(.waiting)").waitFor()
    await keyboard.press("ArrowUp")
    await page.getByText("Edit message").waitFor()
    assert.strictEqual(await field(page).inputValue(), "first line\nsecond line")
    await keyboard.press("Escape")
    await page.getByText("Edit message").waitFor({ state: "detached" })
    assert.strictEqual(await field(page).inputValue(), "")

    // Into the messages: arrows move, the toolbar of the message comes next.
    await keyboard.press("Shift+Tab")
    for (let i = 0; i < 8 && !(await page.evaluate(() => document.activeElement?.matches(".message"))); i++) {
      await keyboard.press("Shift+Tab")
    }
    await isFocused(page, ".message.own")
    await keyboard.press("ArrowUp")
    await isFocused(page, ".message:not(.own)")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await page.getByRole("group", { name: "Choose a reaction" }).waitFor()
    await keyboard.press("Enter")
    await page.getByRole("button", { name: "👍 1: keith" }).waitFor()
    await isFocused(page, ".message:not(.own)")
    await keyboard.press("Escape")
    await isFocused(page, ".composer textarea")
    await keyboard.press("Escape")
    await isFocused(page, "button.row")

    // A dialog keeps the focus, Esc closes it, and the focus goes back.
    await page.getByRole("button", { name: "New conversation" }).focus()
    await keyboard.press("Enter")
    await isFocused(page, "#person")
    await keyboard.press("Escape")
    await isFocused(page, "[aria-label='New conversation']")
  })

  it("screen readers hear new messages, and everything has a place and a name", async () => {
    const page = await on.page()
    await signIn(page, "sally")
    await startWith(page, "bob")
    await bob.tell("sally", "Can you hear me?")
    await page.getByRole("log", { name: "New messages" }).getByText("bob: Can you hear me?").waitFor()
    assert.strictEqual(await page.getByRole("main").count(), 1)
    assert.strictEqual(await page.getByRole("complementary", { name: "Conversations" }).count(), 1)
    assert.strictEqual(await page.getByRole("navigation").count(), 1)
    await page.getByRole("textbox", { name: "Message to bob" }).waitFor()
    await page.getByRole("article", { name: /^bob, / }).waitFor()
    await page.getByRole("log", { name: "Messages", exact: true }).waitFor()
  })

  it("a phone shows one pane at a time, and back goes back", async () => {
    const page = await on.page({ ...phone, colorScheme: "dark" })
    await signIn(page, "paula")
    await bob.tell("paula", "On your phone?")
    await row(page, "bob").tap()
    await message(page, "On your phone?").waitFor()
    assert.isFalse(await page.locator(".sidebar").isVisible())
    await page.locator(".message .bubble").first().tap()
    await page.getByRole("toolbar").getByRole("button", { name: "Reply" }).tap()
    await field(page).fill("Yes")
    await page.getByRole("button", { name: "Send" }).tap()
    await message(page, "Yes").getByLabel("Sent", { exact: true }).waitFor()
    await screenshot(page, "phone-dark")
    await page.getByRole("button", { name: "Back to conversations" }).tap()
    await row(page, "bob").waitFor()
    assert.isFalse(await page.locator(".conversation").isVisible())
    await screenshot(page, "phone-dark-list")
    await page.goBack()
    await field(page).waitFor()
    await page.goBack()
    await row(page, "bob").waitFor()
    assert.deepStrictEqual(
      await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]),
      [390, 390]
    )
  })
})
