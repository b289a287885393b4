/** What owners and admins do in a group, and the links that lead into it. */
import { assert, it } from "vitest"
import { findings } from "./support/axe.ts"
import { phone, screenshot } from "./support/browser.ts"
import { looks, tooWide } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import { picture } from "./support/samples.ts"

const clean = async (page: Person, name: string) => {
  await screenshot(page, name)
  assert.deepStrictEqual(await findings(page), [], name)
  assert.strictEqual(await tooWide(page), 0, name)
}

const event = (page: Person, text: string) => page.locator(".event", { hasText: text })

onStage("moderation", (on) => {
  it("an owner deletes, removes and bans with a reason, and lets in again", async () => {
    const [bob, carol] = [await on.raw("bob"), await on.raw("carol")]
    await bob.ask({ type: "set_profile", name: "Bob Berg" })
    const olga = await on.person("olga")
    await olga.button("New group").click()
    await olga.getByLabel("Name of the group").fill("Harbour")
    await olga.getByLabel("Members", { exact: true }).fill("bob, carol ")
    await olga.button("Create group").click()
    await event(olga, "You created “Harbour”").waitFor()
    // The page's stories see frames as plain objects.
    const { group } = await bob.until((frame) => frame.type === "group_changed") as never as { group: string }
    await bob.tell({ group }, "something rude")
    await olga.act("something rude", "Delete")
    await olga.button("Delete").click()
    await olga.getByText("Deleted by you").first().waitFor()

    await olga.button("Group details").click()
    await olga.button("Remove carol").click()
    await olga.dialog.getByLabel("Reason").fill("asked for it")
    await olga.getByRole("group").getByRole("button", { name: "Remove carol" }).click()
    await olga.dialog.getByText("2 members").waitFor()
    await olga.button("Remove Bob Berg").click()
    await olga.dialog.getByLabel("Reason").fill("was rude")
    await olga.dialog.getByLabel("Keep them out, too").check()
    await olga.getByRole("group").getByRole("button", { name: "Remove Bob Berg" }).click()
    await olga.dialog.getByText("1 member").waitFor()
    await olga.dialog.getByRole("heading", { name: "Banned" }).waitFor()
    await olga.dialog.getByText("was rude").waitFor()
    await olga.button("Let Bob Berg in again").click()
    await olga.dialog.getByRole("heading", { name: "Banned" }).waitFor({ state: "detached" })
    await olga.keyboard.press("Escape")
    for (
      const text of [
        "You removed carol: “asked for it”",
        "You banned Bob Berg: “was rude”",
        "You let Bob Berg come back"
      ]
    ) {
      await event(olga, text).waitFor()
    }
    carol.close()
  })

  it("a group has a description and a picture", async () => {
    const member = await on.person("mina")
    const olga = await on.person("oda")
    await olga.button("New group").click()
    await olga.getByLabel("Name of the group").fill("Lighthouse")
    await olga.getByLabel("Members", { exact: true }).fill("mina ")
    await olga.button("Create group").click()
    await olga.button("Group details").click()
    await olga.dialog.getByLabel("Description").fill("All about lamps")
    await olga.dialog.getByRole("button", { name: "Save" }).click()
    await olga.dialog.locator("input[type=file]").setInputFiles(picture("lamp.png", 300, 200, 40))
    await olga.dialog.locator(".avatar.square img").waitFor()
    await member.row("Lighthouse").click()
    await event(member, "oda changed the description").waitFor()
    await event(member, "oda changed the group’s picture").waitFor()
    await member.button("Group details").click()
    await member.dialog.getByText("All about lamps").waitFor()
    await member.dialog.locator(".avatar.square img").waitFor()
  })

  it("a report reaches the owner, who goes there", async () => {
    const [rita, sam] = [await on.raw("rita"), await on.person("sam")]
    const owner = await on.person("otto")
    await owner.button("New group").click()
    await owner.getByLabel("Name of the group").fill("Pier")
    await owner.getByLabel("Members", { exact: true }).fill("rita, sam ")
    await owner.button("Create group").click()
    const { group } = await rita.until((frame) => frame.type === "group_changed") as never as { group: string }
    await rita.tell({ group }, "buy my coins")
    await sam.row("Pier").click()
    await sam.act("buy my coins", "Report")
    await sam.getByLabel("Reason").fill("spam")
    await sam.getByRole("group").getByRole("button", { name: "Report" }).click()
    await sam.getByText("It was reported. Thank you.").waitFor()
    await owner.getByText("A message was reported: “spam”").waitFor()
    await owner.locator(".notices").getByRole("button", { name: "Show" }).click()
    await owner.message("buy my coins").waitFor()
    await owner.getByText("A message was reported").waitFor({ state: "detached" })
  })

  it("what is asked about a message has its place on a phone", async () => {
    const [sid, page] = [await on.raw("sid"), await on.person("tom", phone)]
    await sid.tell("tom", "buy my coins")
    await page.row("sid").tap()
    await page.message("buy my coins").locator(".bubble").tap()
    await page.getByRole("toolbar").getByRole("button", { name: "Report" }).tap()
    await page.getByLabel("Reason").waitFor()
    assert.strictEqual(await tooWide(page), 0)
  })

  it.each(looks)("$at: a link leads in, and one that is taken back does not", async ({ at, narrow, options }) => {
    const owner = await on.person(`owner-${at}`, options)
    await owner.button("New group").click()
    await owner.getByLabel("Name of the group").fill(`Boats ${at}`)
    await owner.button("Create group").click()
    await owner.button("Group details").click()
    await owner.dialog.getByLabel("Uses").selectOption("ten")
    await owner.dialog.getByRole("button", { name: "Create a link" }).click()
    const link = await owner.dialog.locator(".invites code").first().textContent()
    await owner.dialog.getByText(/10 uses left/).waitFor()
    await clean(owner, `invites-${at}`)
    await owner.button("Revoke the link").click()
    await owner.getByText("Let nobody join by this link any more?").waitFor()
    assert.strictEqual(await tooWide(owner), 0)
    await owner.button("Cancel").click()

    const guest = await on.page(options)
    await guest.goto(link!)
    await guest.reload()
    await guest.signIn(`guest-${at}`)
    await guest.dialog.getByText("Join the group?").waitFor()
    await clean(guest, `join-${at}`)
    await guest.dialog.getByRole("button", { name: "Join", exact: true }).click()
    await event(guest, "You joined by an invite link").waitFor()
    assert.notInclude(guest.url(), "invite")
    if (!narrow) await owner.dialog.getByText("2 members").waitFor()

    await owner.sure("Revoke the link")
    await owner.dialog.locator(".invites code").waitFor({ state: "detached" })
    const late = await on.page(options)
    await late.goto(link!)
    await late.reload()
    await late.signIn(`late-${at}`)
    await late.dialog.getByRole("button", { name: "Join", exact: true }).click()
    await late.getByRole("alert").getByText(/./).waitFor()
    await late.dialog.getByRole("button", { name: "Not now" }).click()
    await late.dialog.waitFor({ state: "detached" })
  })
})
