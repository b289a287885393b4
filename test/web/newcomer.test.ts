/** What somebody meets who has not been here before: an empty page, a group of strangers. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { inWords } from "../../src/web/text/problems.ts"
import { root } from "../support/ServerProcess.ts"
import { onStage } from "./support/onStage.ts"

it("no sentence of the server's speaks of frames in the page", () => {
  const sources = ["src/services", "src/domain"].map((folder) => join(root, folder)).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
  )
  const sentences = sources.flatMap((source) =>
    Array.from(
      source.matchAll(/(?:forbidden|notFound|invalidTarget|notAMember)\(\s*[`"]([^`"]+)[`"]/g),
      (match) => match[1]!
    )
  )
  assert.isAbove(sentences.length, 10)
  for (const sentence of sentences) assert.notMatch(inWords(sentence).replaceAll(/\$\{[^}]*\}/g, "it"), /[a-z]_[a-z]/)
})

onStage("the page for somebody new", (on) => {
  it("an empty page says what to do first", async () => {
    const bob = await on.raw("bob")
    const page = await on.person("nora")
    await page.getByRole("heading", { name: "Nobody has written to you yet" }).waitFor()
    await page.button("Write to somebody").click()
    await page.keyboard.type("bob")
    await page.keyboard.press("Enter")
    await page.write("hello, I am new")
    await bob.hears("hello, I am new")
  })

  it("opens where the unread began, shows who speaks, and counts as read only what was seen", async () => {
    const others = await Promise.all(["bob", "carol", "dave"].map((user) => on.raw(user)))
    const harbour = await others[0]!.makeGroup("harbour", "una", "carol", "dave")
    const tell = async (count: number, what: string) => {
      for (let i = 1; i <= count; i++) await others[i % 3]!.tell(harbour, `${what} ${i}\nwith another line`)
    }
    await tell(30, "seen")
    const page = await on.person("una")
    await page.row("harbour").click()
    await page.message("seen 30\nwith another line").waitFor()
    await page.toEnd()
    await page.locator(".row .badge").waitFor({ state: "detached" })
    await page.startWith("somebody-else")
    await tell(40, "new")
    await page.row("harbour").locator(".badge", { hasText: "40" }).waitFor()
    await page.row("harbour").click()
    await page.getByRole("separator", { name: "New messages" }).waitFor()
    assert.isTrue(await page.message("new 1\nwith another line").isVisible())
    const seen = await page.log.evaluate((log) => {
      const box = log.getBoundingClientRect()
      const isSeen = ({ bottom, top }: DOMRect) => bottom > box.top && top < box.bottom
      return Array.from(log.querySelectorAll(".message")).filter((each) => isSeen(each.getBoundingClientRect()))
        .map((each) => each.textContent)
    })
    assert.isTrue(seen.some((text) => text?.includes("new 1")), JSON.stringify(seen))
    assert.isFalse(seen.some((text) => text?.includes("new 40")), JSON.stringify(seen))
    await page.row("harbour").locator(".badge").waitFor()
    assert.isAbove(await page.locator(".message.named > .avatar").count(), 3)
    const inks = await page.locator(".sender").evaluateAll((all) => new Set(all.map((each) => each.className)).size)
    assert.isAtLeast(inks, 2)
  })

  it("the focus stays where one works, and code looks like code", async () => {
    const page = await on.person("fay")
    await page.startWith("bob")
    await page.write("run `npm ci` first")
    await page.ticked("run npm ci first", "Sent")
    await page.write("```js\nconst a = 1\n```")
    await page.locator(".text pre code", { hasText: "const a = 1" }).waitFor()
    assert.strictEqual(await page.locator(".text code", { hasText: "npm ci" }).count(), 1)
    await page.say("to be deleted")
    await page.act("to be deleted", "Delete")
    await page.keyboard.press("Enter")
    await page.message("to be deleted").waitFor({ state: "detached" })
    assert.isTrue(await page.evaluate(() => document.activeElement?.closest(".log") !== null))
  })

  it("a reply shows the words that it answers, however far up they are", async () => {
    const bob = await on.raw("bob")
    const long = await bob.makeGroup("long", "lena")
    await bob.tell(long, "the very first words")
    for (let i = 0; i < 90; i++) await bob.tell(long, `filler ${i}`)
    for (const text of ["an answer", "another one"]) await bob.tell(long, text, { reply_to: 2 })
    const page = await on.person("lena")
    await page.row("long").click()
    await page.getByRole("button", { name: /^To the latest/ }).click()
    await page.message("an answer").getByText("the very first words").waitFor()
    await page.message("another one").getByText("the very first words").waitFor()
    assert.strictEqual(await page.getByText("Earlier message").count(), 0)
  })

  it("the focus is never nowhere: after the sign-in, after a dialog, after a message that was dismissed", async () => {
    const bob = await on.raw("bob")
    const page = await on.person("finn")
    await page.isIn(".first button")
    await bob.tell("finn", "hello")
    await page.reload()
    await page.isIn("button.row")
    await page.startWith("bob")
    await page.isIn(".composer textarea")
    await page.reload()
    await page.isIn(".composer textarea")
    await page.button("Contact details").click()
    await page.keyboard.press("Escape")
    await page.isIn("[aria-label='Contact details']")
    await page.block()
    await page.keyboard.press("Escape")
    await page.button("Unblock").click()
    await page.field.waitFor()
    await page.isIn(".composer textarea")
  })
})
