/** People are shown by their names and pictures, told apart, found, and known to be strangers. */
import { assert, it } from "vitest"
import { findings } from "./support/axe.ts"
import { screenshot } from "./support/browser.ts"
import { looks, tooWide } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import { picture, png } from "./support/samples.ts"

const clean = async (page: Person, name: string) => {
  await screenshot(page, name)
  assert.deepStrictEqual(await findings(page), [], name)
  assert.strictEqual(await tooWide(page), 0, name)
}

const longId = `auth0|${"0123456789".repeat(12)}zz`

onStage("people", (on) => {
  it.each(looks)("$at: names, however they are, with pictures, in lists, groups and messages", async (look) => {
    const { at, narrow, options } = look
    const anna = await on.raw(`auth0|12ab-${at}-34ef`)
    const other = await on.raw(`google-oauth2|99-${at}`)
    const dana = await on.raw(`dana-${at}`)
    const long = await on.raw(`${longId.slice(0, -at.length)}${at}`)
    const me = `me-${at}`
    const avatar = await anna.upload("anna.png", "image/png", png(64, 64, 90))
    await anna.ask({ type: "set_profile", name: "Anna Berg", avatar, status: "On the boat" })
    await other.ask({ type: "set_profile", name: "Anna  Berg" })
    await dana.ask({ type: "set_profile", name: "דנה 🌊🐙" })
    const group = await anna.makeGroup("Harbour", other.user, dana.user, long.user, me)
    await anna.tell(group, "The ferry is late")
    await other.tell(group, "Again?", { reply_to: 2 })
    await dana.tell(group, "שלום")
    const last = await long.tell(group, "My id is long")
    await anna.ask({ type: "react", group: group.group, seq: last, emoji: "🎉" })
    await anna.tell(me, "Hello")

    const page = await on.person(me, options)
    await page.row("Harbour").waitFor()
    await page.row("Anna Berg (auth0|12…").waitFor()
    await page.locator(".row .avatar img").first().waitFor()
    await clean(page, `people-${at}-list`)
    await page.row("Harbour").click()
    await page.message("The ferry is late").getByText("Anna Berg (auth0|12…").waitFor()
    await page.message("Again?").getByText("Anna Berg (google-o…").waitFor()
    await page.message("שלום").getByText("דנה 🌊🐙").waitFor()
    await page.getByRole("button", { name: /^🎉 1: Anna Berg \(auth0/ }).waitFor()
    await clean(page, `people-${at}-group`)
    await page.button("Group details").click()
    await page.dialog.getByText("5 members").waitFor()
    await clean(page, `people-${at}-details`)
    await page.keyboard.press("Escape")
    if (narrow) await page.button("Back to conversations").click()
    await page.row("Anna Berg (auth0|12…").click()
    await page.button("Contact details").click()
    await page.dialog.getByText("On the boat").waitFor()
    await clean(page, `people-${at}-contact`)
  })

  it("one says who one is: name, status and picture, and others see it at once", async () => {
    const page = await on.person("paul")
    const ben = await on.person("ben")
    await ben.startWith("paul")
    await ben.write("Hi")
    await page.row("ben").waitFor()
    await page.button("Your profile").click()
    await page.dialog.getByLabel("Name").fill("Paul Adams")
    await page.dialog.getByRole("button", { name: "Save" }).first().click()
    await page.dialog.getByText("Saved.").waitFor()
    await page.dialog.getByLabel("Status").fill("At sea")
    await page.keyboard.press("Enter")
    await page.dialog.locator("input[type=file]").setInputFiles(picture("me.png", 640, 300, 60))
    await page.dialog.locator(".avatar img").waitFor()
    await page.getByRole("heading", { level: 1, name: "Paul Adams" }).waitFor({ state: "attached" })
    await ben.row("Paul Adams").locator("img").waitFor()
    const size = await ben.row("Paul Adams").locator("img").evaluate((image: HTMLImageElement) => [
      image.naturalWidth,
      image.naturalHeight
    ])
    assert.deepStrictEqual(size, [256, 256])
    await page.dialog.getByRole("button", { name: "Remove picture" }).click()
    await ben.row("Paul Adams").locator("img").waitFor({ state: "detached" })
    // What cannot be a picture is said so, in the dialog.
    await page.dialog.locator("input[type=file]").setInputFiles({
      name: "no.png",
      mimeType: "image/png",
      buffer: Buffer.from("not a picture")
    })
    await page.dialog.getByText("This is not a picture").waitFor()
  })
})

onStage(
  "the directory",
  (on) => {
    it.each(looks)("$at: people are found by the beginning of a name, with keys alone", async ({ at, options }) => {
      for (const name of ["Zora North", "Zora South"]) {
        const each = await on.raw(`${name.toLowerCase().replace(" ", ".")}-${at}`)
        await each.ask({ type: "set_profile", name: `${name} ${at}` })
      }
      const page = await on.person(`seeker-${at}`, options)
      await page.button("New conversation").click()
      await page.keyboard.type("zora s")
      await page.getByRole("option", { name: `Zora South ${at}` }).waitFor()
      await clean(page, `directory-${at}`)
      await page.keyboard.press("ArrowDown")
      await page.keyboard.press("Enter")
      await page.field.waitFor()
      await page.getByRole("heading", { name: `Zora South ${at}` }).waitFor()
    })

    it("whom nobody has seen is said to be a stranger, and who is meant instead", async () => {
      const bob = await on.raw("Bobby")
      await bob.tell("sue", "hello")
      const page = await on.person("sue")
      await page.row("Bobby").waitFor()
      await page.startWith("bobby")
      await page.getByText("Nobody of that name has been here yet").waitFor()
      await page.button("Write to Bobby").click()
      await page.message("hello").waitFor()
      await page.getByText("Nobody of that name").waitFor({ state: "detached" })
      await page.button("New group").click()
      await page.dialog.getByLabel("Members", { exact: true }).fill("Bobby, nobody-at-all,")
      await page.dialog.getByText("Nobody of the name nobody-at-all has been here yet.").waitFor()
    })
  },
  "--store",
  "memory",
  "--directory",
  "all"
)
