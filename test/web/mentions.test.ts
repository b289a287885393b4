/** Who is meant: chosen while one types, seen in the message, counted in the list. */
import { assert, it } from "vitest"
import { findings } from "./support/axe.ts"
import { screenshot } from "./support/browser.ts"
import { looks } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"

const clean = async (page: Person, name: string) => {
  await screenshot(page, name)
  assert.deepStrictEqual(await findings(page), [], name)
}

/** The members below the field; the choice of the language has options, too. */
const choices = (page: Person) => page.getByRole("listbox", { name: "Members to mention" }).getByRole("option")

onStage("mentions", (on) => {
  it.each(looks)("$at: a member is called by keys, and finds it", async ({ at, narrow, options }) => {
    const [bob, ben] = [await on.raw(`bob-${at}`), await on.raw(`ben-${at}`)]
    await bob.ask({ type: "set_profile", name: "Bob Berg" })
    const me = `mia-${at}`
    const group = await ben.makeGroup("Harbour", bob.user, me)
    const page = await on.person(me, options)
    await page.row("Harbour").click()
    await page.field.click()
    await page.keyboard.type("Hi @b")
    await choices(page).filter({ hasText: "Bob Berg" }).waitFor()
    assert.strictEqual(await choices(page).count(), 2)
    await clean(page, `mentions-${at}-choose`)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert.strictEqual(await page.field.inputValue(), "Hi @Bob Berg ")
    await page.keyboard.type("look")
    await page.button("Send").click()
    const heard = await bob.hears("Hi @Bob Berg look")
    assert.deepStrictEqual(heard.mentions, [bob.user])
    await page.locator(".mention", { hasText: "@Bob Berg" }).waitFor()

    // Esc wants nobody, and what is not called any more is not sent.
    await page.field.click()
    await page.keyboard.type("@b")
    await choices(page).first().waitFor()
    await page.keyboard.press("Escape")
    await choices(page).first().waitFor({ state: "detached" })
    await page.keyboard.type("!")
    await page.button("Send").click()
    assert.isUndefined((await bob.hears("@b!")).mentions)

    if (narrow) await page.button("Back to conversations").click()
    else await page.startWith(`notes-${at}`)
    await ben.tell(group, `@${me} are you there?`, { mentions: [me] })
    await ben.tell(group, "@all hands", { mentions: ["@all"] })
    await page.row("Harbour").getByRole("img", { name: "2 messages mention you" }).waitFor()
    if (narrow) await clean(page, `mentions-${at}-list`)
    await page.row("Harbour").click()
    await page.locator(".mention.mine", { hasText: `@${me}` }).waitFor()
    await page.locator(".mention.mine", { hasText: "@all" }).waitFor()
    await clean(page, `mentions-${at}-mine`)
    await page.getByRole("img", { name: "2 messages mention you" }).waitFor({ state: "detached" })
  })

  it("an owner calls everybody, a member cannot", async () => {
    const [owner, member] = [await on.person("owen"), await on.raw("mel")]
    await owner.button("New group").click()
    await owner.getByLabel("Name of the group").fill("Crew")
    await owner.getByLabel("Members", { exact: true }).fill("mel ")
    await owner.button("Create group").click()
    await owner.field.click()
    await owner.keyboard.type("@al")
    await owner.getByRole("option", { name: /@all/ }).waitFor()
    await owner.keyboard.press("Enter")
    await owner.keyboard.type("come")
    await owner.keyboard.press("Enter")
    assert.deepStrictEqual((await member.hears("@all come")).mentions, ["@all"])
  })
})
