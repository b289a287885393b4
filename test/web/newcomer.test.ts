/** What somebody meets who has not been here before: an empty page, a group of strangers, a phone, a mistake. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { inWords } from "../../src/web/text/problems.ts"
import { root } from "../support/ServerProcess.ts"
import { hasBrowser, phone, screenshot } from "./support/browser.ts"
import { act, field, message, type Raw, row, signIn, type Stage, stage, startWith, write } from "./support/chat.ts"

it("no sentence of the server's speaks of frames in the page", () => {
  const folder = join(root, "src/services")
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
  const sentences = sources.flatMap((source) =>
    Array.from(
      source.matchAll(/(?:forbidden|notFound|invalidTarget|notAMember)\(\s*[`"]([^`"]+)[`"]/g),
      (match) => match[1]!
    )
  )
  assert.isAbove(sentences.length, 10)
  for (const sentence of sentences) assert.notMatch(inWords(sentence).replaceAll(/\$\{[^}]*\}/g, "it"), /[a-z]_[a-z]/)
})

describe.skipIf(!hasBrowser)("the page for somebody new", () => {
  let on: Stage
  let bob: Raw
  beforeAll(async () => {
    on = await stage()
    bob = await on.raw("bob")
  })
  afterAll(() => on.close())

  const group = async (name: string, members: ReadonlyArray<string>) => {
    const info = await bob.ask({ type: "create_group", name, members, history: "all" })
    if (info.type !== "group_info") return assert.fail(JSON.stringify(info))
    return {
      group: info.group,
      tell: (from: Raw, text: string) => from.ask({ type: "chat_message", group: info.group, text })
    }
  }

  it("an empty page says what to do first", async () => {
    const page = await on.page()
    await signIn(page, "nora")
    await page.getByRole("heading", { name: "Nobody has written to you yet" }).waitFor()
    await screenshot(page, "empty")
    await page.getByRole("button", { name: "Write to somebody" }).click()
    await page.keyboard.type("bob")
    await page.keyboard.press("Enter")
    await write(page, "hello, I am new")
    await bob.until((frame) => frame.type === "incoming_message" && frame.text === "hello, I am new")
  })

  it("opens where the unread began, shows who speaks, and counts as read only what was seen", async () => {
    const { tell } = await group("harbour", ["una", "carol", "dave"])
    const [carol, dave] = [await on.raw("carol"), await on.raw("dave")]
    for (let i = 1; i <= 30; i++) await tell([bob, carol, dave][i % 3]!, `seen ${i}\nwith another line`)
    const page = await on.page()
    await signIn(page, "una")
    await row(page, "harbour").click()
    await message(page, "seen 30\nwith another line").waitFor()
    await page.getByRole("button", { name: /^To the latest/ }).click({ timeout: 1_000 }).catch(() => {})
    await page.waitForFunction(() => document.querySelector(".row .badge") === null)
    await page.getByRole("button", { name: "Back to conversations" }).click({ timeout: 500 }).catch(() => {})
    await startWith(page, "somebody-else")
    for (let i = 1; i <= 40; i++) await tell([bob, carol, dave][i % 3]!, `new ${i}\nwith another line`)
    await row(page, "harbour").locator(".badge", { hasText: "40" }).waitFor()
    await row(page, "harbour").click()
    await page.getByRole("separator", { name: "New messages" }).waitFor()
    await screenshot(page, "unread")
    assert.isTrue(await message(page, "new 1\nwith another line").isVisible())
    const seen = await page.locator(".log").evaluate((log) => {
      const box = log.getBoundingClientRect()
      return Array.from(log.querySelectorAll(".message"))
        .filter((each) =>
          each.getBoundingClientRect().bottom > box.top && each.getBoundingClientRect().top < box.bottom
        )
        .map((each) => each.textContent)
    })
    assert.isTrue(seen.some((text) => text?.includes("new 1")), JSON.stringify(seen))
    assert.isFalse(seen.some((text) => text?.includes("new 40")), JSON.stringify(seen))
    await row(page, "harbour").locator(".badge").waitFor()
    assert.isAbove(await page.locator(".message.named > .avatar").count(), 3)
    const inks = await page.locator(".sender").evaluateAll((all) => new Set(all.map((each) => each.className)).size)
    assert.isAtLeast(inks, 2)
  })

  it("on a phone Enter begins a line and the button sends; the page has a heading of its first level", async () => {
    const page = await on.page({ ...phone })
    await signIn(page, "tom")
    await bob.tell("tom", "On your phone?")
    await row(page, "bob").tap()
    await message(page, "On your phone?").waitFor()
    await field(page).tap()
    await page.keyboard.type("one")
    await page.keyboard.press("Enter")
    await page.keyboard.type("two")
    assert.strictEqual(await field(page).inputValue(), "one\ntwo")
    assert.strictEqual(await field(page).getAttribute("enterkeyhint"), "enter")
    await page.getByRole("button", { name: "Send" }).tap()
    await bob.until((frame) => frame.type === "incoming_message" && frame.text === "one\ntwo")
    await page.getByRole("heading", { level: 1, name: "bob" }).waitFor()
  })

  it("what a dialog could not do is said in the dialog, in words of the page, and can be dismissed", async () => {
    const page = await on.page()
    await signIn(page, "olga")
    await page.getByRole("button", { name: "New group" }).click()
    await page.getByRole("dialog").getByLabel("Name of the group").fill("mine alone")
    await page.getByRole("dialog").getByRole("textbox", { name: "Members" }).fill("bob")
    await page.keyboard.press("Enter")
    await page.getByRole("button", { name: "Create group" }).click()
    await field(page).waitFor()
    await page.getByRole("button", { name: "Group details" }).click()
    const dialog = page.getByRole("dialog")
    // What cannot be undone asks once more.
    await dialog.getByRole("button", { name: "Leave group" }).click()
    await dialog.getByRole("button", { name: "Keep" }).click()
    await page.waitForFunction(() => document.activeElement?.textContent === "Leave group")
    await dialog.getByRole("button", { name: "Leave group" }).click()
    await dialog.getByRole("group").getByRole("button", { name: "Leave group" }).click()
    const problem = dialog.getByRole("alert").getByText(
      "You are the last owner; make somebody else one before you leave."
    )
    await problem.waitFor()
    await screenshot(page, "dialog-problem")
    await dialog.getByRole("button", { name: "Dismiss" }).click()
    await problem.waitFor({ state: "detached" })
  })

  it("the focus stays where one works, and code looks like code", async () => {
    const page = await on.page()
    await signIn(page, "fay")
    await startWith(page, "bob")
    await write(page, "run `npm ci` first")
    await message(page, "run npm ci first").getByLabel("Sent", { exact: true }).waitFor()
    await field(page).fill("```js\nconst a = 1\n```")
    await field(page).press("Enter")
    await page.locator(".text pre code", { hasText: "const a = 1" }).waitFor()
    assert.strictEqual(await page.locator(".text code", { hasText: "npm ci" }).count(), 1)
    await screenshot(page, "code")
    await write(page, "to be deleted")
    await message(page, "to be deleted").getByLabel("Sent", { exact: true }).waitFor()
    await act(page, "to be deleted", "Delete")
    await page.keyboard.press("Enter")
    await message(page, "to be deleted").waitFor({ state: "detached" })
    assert.isTrue(await page.evaluate(() => document.activeElement?.closest(".log") !== null))
  })

  it("a group shows who has read what one said", async () => {
    const { group: id } = await group("readers", ["rita", "carl"])
    const carl = await on.raw("carl")
    const page = await on.page()
    await signIn(page, "rita")
    await row(page, "readers").click()
    await write(page, "have you seen it?")
    await message(page, "have you seen it?").getByLabel("Sent", { exact: true }).waitFor()
    const { conversation, seq } = await carl.until((frame) => frame.type === "incoming_message") as {
      conversation: string
      seq: number
    }
    carl.say({ type: "read", conversation, up_to: seq })
    await carl.ask({ type: "receipts", group: id })
    await act(page, "have you seen it?", "Who has read it")
    await page.getByText("Read by carl.").waitFor()
  })

  it("a reply shows the words that it answers, however far up they are", async () => {
    const { group: id, tell } = await group("long", ["lena"])
    await tell(bob, "the very first words")
    for (let i = 0; i < 90; i++) await tell(bob, `filler ${i}`)
    for (const text of ["an answer", "another one"]) {
      await bob.ask({ type: "chat_message", group: id, text, reply_to: 2 })
    }
    const page = await on.page()
    await signIn(page, "lena")
    await row(page, "long").click()
    await page.getByRole("button", { name: /^To the latest/ }).click()
    await message(page, "an answer").getByText("the very first words").waitFor()
    await message(page, "another one").getByText("the very first words").waitFor()
    assert.strictEqual(await page.getByText("Earlier message").count(), 0)
  })

  it("what was said during a block is hidden, not deleted, at once and when it is over", async () => {
    const gail = await on.raw("gail")
    const made = await gail.ask({ type: "create_group", name: "choir", members: ["hugo", "ines"] })
    const id = made.type === "group_info" ? made.group : ""
    const hugo = await on.raw("hugo")
    const page = await on.page()
    await signIn(page, "ines")
    await row(page, "choir").click()
    await startWith(page, "hugo")
    await write(page, "hello")
    await page.getByRole("button", { name: "Contact details" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Unblock" }).waitFor()
    await page.keyboard.press("Escape")
    await row(page, "choir").click()
    await hugo.ask({ type: "chat_message", group: id, text: "la la la" })
    await gail.ask({ type: "chat_message", group: id, text: "once more" })
    await message(page, "once more").waitFor()
    const hidden = message(page, "Hidden while you had them blocked")
    await hidden.waitFor()
    await row(page, "hugo").click()
    await page.getByRole("button", { name: "Unblock" }).click()
    await field(page).waitFor()
    await row(page, "choir").click()
    await hidden.waitFor()
    await page.reload()
    await hidden.waitFor()
    assert.strictEqual(await page.getByText("la la la").count(), 0)
    assert.strictEqual(await page.getByText("Message deleted").count(), 0)
  })

  it("the focus is never nowhere: after the sign-in, after a dialog, after a message that was dismissed", async () => {
    const page = await on.page()
    const isIn = (selector: string) =>
      page.waitForFunction((selector) => document.activeElement?.matches(selector), selector)
    await signIn(page, "finn")
    await isIn(".first button")
    await bob.tell("finn", "hello")
    await page.reload()
    await isIn("button.row")
    await startWith(page, "bob")
    await isIn(".composer textarea")
    await page.reload()
    await isIn(".composer textarea")
    await page.getByRole("button", { name: "Contact details" }).click()
    await page.keyboard.press("Escape")
    await isIn("[aria-label='Contact details']")
    await page.getByRole("button", { name: "Contact details" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Unblock" }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: "Unblock" }).click()
    await field(page).waitFor()
    await isIn(".composer textarea")
  })
})
