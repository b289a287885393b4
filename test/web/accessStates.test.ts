/** Every state of the page, at night and by day, on a desk and on a phone: axe finds nothing at all in any of them. */
import { assert, it } from "vitest"
import { findings } from "./support/axe.ts"
import { screenshot } from "./support/browser.ts"
import { lineOf } from "./support/line.ts"
import { looks } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import { token, tokensOnly } from "./support/stage.ts"

/** Looks at the page as it is; the name is also that of its picture. */
const clean = async (page: Person, name: string) => {
  await screenshot(page, name)
  assert.deepStrictEqual(await findings(page), [], name)
}

onStage("every state of the page", (on) => {
  it.each(looks)(
    "$at: signing in, an empty page, the dialogs with problems that can be dismissed",
    async ({ at, options }) => {
      const page = await on.page(options)
      const { dialog, keyboard } = page
      await clean(page, `${at}-sign-in`)
      await keyboard.type("not a name")
      await keyboard.press("Enter")
      await page.getByRole("alert").waitFor()
      await clean(page, `${at}-sign-in-problem`)
      await page.signIn(`empty-${at}`)
      await page.getByText("Nobody has written to you yet").waitFor()
      await clean(page, `${at}-empty`)
      await page.button("New conversation").click()
      await dialog.getByLabel("Name").fill("not a name")
      await keyboard.press("Enter")
      await dialog.getByRole("alert").getByText(/letters/).waitFor()
      await clean(page, `${at}-new-conversation-problem`)
      await keyboard.press("Escape")
      await page.button("New group").click()
      await dialog.getByLabel("Name of the group").fill("Harbour")
      await dialog.getByLabel("Members", { exact: true }).fill("not,,!")
      await keyboard.press("Enter")
      await clean(page, `${at}-new-group`)
      await dialog.getByLabel("Members", { exact: true }).fill("bob")
      await keyboard.press("Enter")
      await page.button("Create group").click()
      await page.field.waitFor()
      await page.button("Group details").click()
      await dialog.getByText("2 members").waitFor()
      await clean(page, `${at}-group-details`)
      // What cannot be undone asks once more.
      await page.button("Leave group").click()
      await page.button("Cancel").click()
      await page.isIn("[aria-label='Leave group']")
      await page.sure("Leave group", () => clean(page, `${at}-leave`))
      // What a dialog could not do is said in the dialog, in words of the page.
      const problem = dialog.getByText("You are the last owner; make somebody else one before you leave.")
      await problem.waitFor()
      await clean(page, `${at}-dialog-problem`)
      await page.button("Dismiss").click()
      await problem.waitFor({ state: "detached" })
    }
  )

  it.each(looks)("$at: a group with what is new, replies, code, reactions and readers; blocked", async (look) => {
    const { at, narrow, options } = look
    const [bob, carol] = [await on.raw("bob"), await on.raw("carol")]
    const me = `una-${at}`
    const group = await bob.makeGroup("Harbour", "carol", me)
    for (let i = 1; i <= 12; i++) await (i % 2 === 0 ? bob : carol).tell(group, `seen ${i}`)
    const page = await on.person(me, options)
    const toList = async () => {
      if (narrow) await page.button("Back to conversations").click()
    }
    await page.row("Harbour").click()
    await page.message("seen 12").scrollIntoViewIfNeeded()
    await page.toEnd()
    await page.locator(".row .badge").waitFor({ state: "detached" })
    await toList()
    await page.startWith("bob")
    await page.post("你好 — 안녕 こんにちは 👋🏽")
    await toList()
    await carol.tell(group, "run `npm ci` first\n```js\nconst answer = 42\n```", { reply_to: 2 })
    for (let i = 1; i <= 20; i++) await (i % 2 === 0 ? bob : carol).tell(group, `new ${i}`)
    await page.row("Harbour").locator(".badge").waitFor()
    await clean(page, `${at}-list`)
    await page.row("Harbour").click()
    await page.getByRole("separator", { name: "New messages" }).waitFor()
    await clean(page, `${at}-unread`)
    const asked = `have you all seen it, ${me}?`
    await page.post(asked)
    const { conversation, seq } = await carol.hears(asked)
    carol.say({ type: "read", conversation, up_to: seq })
    await carol.ask({ type: "react", conversation, seq, emoji: "👍" })
    await page.getByRole("button", { name: "👍 1: carol" }).waitFor()
    const press = async (text: string, action: string) => {
      if (!narrow) return page.act(text, action)
      await page.message(text).locator(".bubble").tap({ position: { x: 8, y: 8 } })
      await page.getByRole("toolbar").getByRole("button", { name: action }).tap()
    }
    await press(asked, "Who has read it")
    await page.getByText("Read by carol.").waitFor()
    await clean(page, `${at}-readers`)
    await page.button("Close").click()
    await page.getByRole("toolbar").waitFor()
    await clean(page, `${at}-toolbar`)
    await press(asked, "Delete")
    await clean(page, `${at}-delete`)
    await page.button("Cancel").click()
    await press("new 20", "React")
    await clean(page, `${at}-react`)
    await page.keyboard.press("Escape")
    await press("new 20", "Reply")
    await clean(page, `${at}-reply`)
    await page.keyboard.press("Escape")
    await toList()
    await page.row("bob").click()
    await page.block()
    await clean(page, `${at}-contact`)
    await page.keyboard.press("Escape")
    await page.getByText("You blocked bob.").waitFor()
    await bob.tell(group, "while blocked")
    await carol.tell(group, "what did you say?")
    await toList()
    await page.row("Harbour").click()
    await page.message("Hidden while you had them blocked").first().waitFor()
    await clean(page, `${at}-blocked`)
  })
})

onStage("the ends of a session", (on) => {
  it.each(looks)("$at: offline, sign-in ended, kicked", async ({ at, options }) => {
    const page = await on.page(options)
    const line = await lineOf(page)
    await clean(page, `${at}-token`)
    await page.showToken(await token(`kim-${at}`))
    await page.ready()
    await page.startWith("bob")
    await page.post("hello")
    await page.ticked("hello", "Sent")
    line.hold()
    line.end(1011)
    await page.banner("You are offline").waitFor()
    await page.post("later")
    await page.message("later").waitFor()
    await clean(page, `${at}-offline`)
    line.release()
    await page.tryNow()
    await page.ticked("later", "Sent")
    line.end(4503)
    await page.banner("An administrator").waitFor()
    await clean(page, `${at}-kicked`)
    await page.button("Connect again").click()
    await page.ready()
    // The focus is where one goes on.
    await page.isIn(":not(body)")
    await page.route("**/v1/tickets", (route) => route.fulfill({ status: 401, json: { detail: "It has expired." } }))
    line.end(4501)
    await page.banner("Your sign-in has ended").waitFor()
    await page.showToken("no token")
    await page.locator("#token-problem").waitFor()
    await clean(page, `${at}-ended`)
  })
}, ...tokensOnly)
