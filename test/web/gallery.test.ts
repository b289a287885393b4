/** All files of a conversation: pictures beside each other, the rest below each other, and where each was said. */
import { assert, beforeAll, it } from "vitest"
import { findings } from "./support/axe.ts"
import { screenshot } from "./support/browser.ts"
import { looks } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Raw } from "./support/raw.ts"
import { picture, png } from "./support/samples.ts"

const count = 45
const size = { width: 60, height: 40 }

onStage("the gallery", (on) => {
  let bob: Raw
  let group: { readonly group: string; readonly conversation: string }

  beforeAll(async () => {
    const alice = await on.raw("alice")
    bob = await on.raw("bob")
    group = await alice.makeGroup("Harbour", "bob")
    const notes = await bob.upload("notes of the first day.txt", "text/plain", Buffer.from("notes"))
    await bob.tell(group, "the notes", { attachments: [{ file: notes }] })
    for (let i = 1; i <= count; i++) {
      const file = await bob.upload(`picture ${i}.png`, "image/png", png(60, 40, i * 4))
      await bob.tell(group, `picture ${i}`, { attachments: [{ file, ...size }] })
      await bob.tell(group, `words ${i}`)
    }
    await bob.tell("alice", "elsewhere", {
      attachments: [{ file: await bob.upload("elsewhere.txt", "text/plain", Buffer.from("x")) }]
    })
  })

  it("shows pictures, page by page, the newest first, large, and where they were said", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").click()
    await page.pictures.first().waitFor()
    await page.button("Files of this conversation").click()
    const pictures = page.dialog.locator(".picture")
    await pictures.nth(count - 1).waitFor()
    assert.strictEqual(await pictures.count(), count)
    assert.strictEqual(await pictures.first().getAttribute("aria-label"), `Open picture picture ${count}.png`)
    assert.strictEqual(await pictures.last().getAttribute("aria-label"), "Open picture picture 1.png")
    await pictures.last().scrollIntoViewIfNeeded()
    await pictures.last().click()
    const large = page.getByRole("dialog", { name: "Picture picture 1.png" })
    await large.getByText(`${count} of ${count}`).waitFor()
    await page.keyboard.press("ArrowLeft")
    await page.getByRole("dialog", { name: "Picture picture 2.png" }).waitFor()
    await page.button("Show in the conversation").click()
    await page.dialog.waitFor({ state: "detached" })
    await page.locator(".message.flash", { hasText: "picture 2" }).waitFor()
  })

  it("shows other files as a list, and goes to the place in the log", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").click()
    await page.pictures.first().waitFor()
    await page.button("Files of this conversation").click()
    await page.button("Other files").click()
    const files = page.dialog.locator(".file-list li")
    await files.getByText("notes of the first day.txt").first().waitFor()
    assert.strictEqual(await files.count(), 1)
    const download = page.waitForEvent("download")
    await files.locator("a").click()
    assert.strictEqual((await download).suggestedFilename(), "notes of the first day.txt")
    await files.getByRole("button", { name: "Show in the conversation" }).click()
    await page.locator(".message.flash", { hasText: "the notes" }).waitFor()
  })

  it("says so where there are none", async () => {
    const page = await on.person("carol")
    await page.startWith("bob")
    await page.button("Files of this conversation").click()
    await page.dialog.getByText("No pictures have been sent here.").waitFor()
    await page.button("Other files").click()
    await page.dialog.getByText("No other files have been sent here.").waitFor()
  })

  it.each(looks)("$at: fits, and axe has nothing against it", async ({ at, options }) => {
    const page = await on.person("alice", options)
    await page.row("Harbour").click()
    await page.locator(".message .picture.there").last().waitFor()
    assert.deepStrictEqual(await findings(page), [], "log")
    await page.choose(picture("chosen.png"))
    await page.inTray("chosen.png").waitFor()
    assert.deepStrictEqual(await findings(page), [], "tray")
    await screenshot(page, `files-${at}`)
    await page.button("Files of this conversation").click()
    await page.dialog.locator(".picture.there").first().waitFor()
    await screenshot(page, `gallery-${at}`)
    assert.deepStrictEqual(await findings(page), [], "gallery")
    await page.dialog.locator(".picture").first().click()
    await page.locator(".lightbox img").waitFor()
    assert.deepStrictEqual(await findings(page), [], "large")
    await page.keyboard.press("Escape")
    await page.button("Other files").click()
    await page.dialog.getByText("notes of the first day.txt").first().waitFor()
    assert.deepStrictEqual(await findings(page), [], "list")
    assert.strictEqual(await page.locator(".gallery").evaluate((each) => each.scrollWidth - each.clientWidth), 0)
  })
})
