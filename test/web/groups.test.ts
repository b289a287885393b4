/** Groups, who is here, who types, and whom one does not want to hear. */
import type { Page } from "playwright-core"
import { assert, it } from "vitest"
import { onStage } from "./support/onStage.ts"

const events = (page: Page) => page.locator(".event > span").allTextContents()
const event = (page: Page, text: string) => page.locator(".event", { hasText: text })
const subtitle = (page: Page) => page.locator(".chat-header .who p")

onStage("groups and people", (on) => {
  it("three talk in a group, change it, and leave it", async () => {
    const carol = await on.raw("carol")
    const alice = await on.person("alice")
    const bob = await on.person("bob")
    await alice.button("New group").click()
    await alice.getByLabel("Name of the group").fill("Friday hikes")
    await alice.getByLabel("Members", { exact: true }).fill("bob, carol ")
    await alice.button("Create group").click()
    await event(alice, "You created “Friday hikes” with bob and carol").waitFor()
    await bob.row("Friday hikes").click()
    await event(bob, "alice created “Friday hikes” with you and carol").waitFor()
    await subtitle(alice).getByText("3 members, 3 online").waitFor()

    await alice.write("The lake on Friday?")
    const { conversation, group } = await carol.hears("The lake on Friday?")
    const seq = await carol.tell({ group: group! }, "Count me in")
    await bob.message("Count me in").getByText("carol", { exact: true }).waitFor()
    await bob.write("Me too")
    await alice.message("Me too").waitFor()
    await bob.act("Count me in", "Reply")
    await bob.write("Good")
    await alice.message("Good").locator(".quote").getByText("Count me in").waitFor()

    // Two ticks when all have it, coloured when all have read it.
    await alice.message("The lake on Friday?").getByLabel("Sent", { exact: true }).waitFor()
    carol.say({ type: "received", conversation, up_to: seq })
    await alice.ticked("The lake on Friday?", "Delivered")
    carol.say({ type: "read", conversation, up_to: seq })
    await alice.ticked("The lake on Friday?", "Read")

    await alice.button("Group details").click()
    const { dialog } = alice
    await dialog.getByLabel("Name of the group").fill("Saturday hikes")
    await dialog.getByRole("button", { name: "Rename" }).click()
    await bob.row("Saturday hikes").waitFor()
    await dialog.getByLabel("Role of bob").selectOption("admin")
    await event(bob, "alice made you an admin").waitFor()
    await dialog.getByLabel("Add members").fill("dora ")
    await dialog.getByRole("button", { name: "Add", exact: true }).click()
    await dialog.getByText("4 members").waitFor()
    await alice.sure("Remove carol", () => dialog.getByText("Remove carol from the group?").waitFor())
    await dialog.getByText("3 members").waitFor()
    await alice.keyboard.press("Escape")
    const told = [
      "You created “Friday hikes” with bob and carol",
      "You named the group “Saturday hikes”",
      "You made bob an admin",
      "You added dora",
      "You removed carol"
    ]
    await event(alice, "You removed carol").waitFor()
    assert.deepStrictEqual(await events(alice), told)

    await bob.button("Group details").click()
    await bob.sure("Leave group")
    await bob.getByText("You are no longer in this group.").waitFor()
    assert.strictEqual(await bob.field.count(), 0)
    await event(alice, "bob left").waitFor()
    await alice.reload()
    // The list says what came last; the rest is loaded.
    for (const text of [...told, "bob left"]) await event(alice, text).waitFor()
    assert.deepStrictEqual(await events(alice), [...told, "bob left"])
  })

  it("shows who is here and who types", async () => {
    const page = await on.person("erin")
    await page.startWith("frank")
    await page.say("Are you there?")
    const frank = await on.person("frank")
    await frank.row("erin").click()
    await frank.field.fill("Y")
    await page.getByText("frank is typing").waitFor()
    await page.row("frank").getByText("typing…").waitFor()
    await subtitle(page).getByText("online").waitFor()
    await page.row("frank").getByLabel("online").waitFor()
    await frank.write("Yes")
    await page.message("Yes").waitFor()
    await page.getByText("frank is typing").waitFor({ state: "detached" })
    await frank.context().close()
    // The server waits 15 seconds for somebody to come back before it says so.
    await subtitle(page).getByText(/last seen|offline/).waitFor({ timeout: 30_000 })
  })

  it("who is blocked is not heard until they are unblocked, and what they said meanwhile stays hidden", async () => {
    const gus = await on.raw("gus")
    const page = await on.person("hana")
    await page.startWith("gus")
    await page.say("hello")
    await gus.tell("hana", "hello yourself")
    await page.message("hello yourself").waitFor()
    await page.block()
    await page.keyboard.press("Escape")
    await page.getByText("You blocked gus.").waitFor()
    assert.strictEqual(await page.field.count(), 0)
    await gus.tell("hana", "are you angry?")
    await page.reload()
    await page.getByText("You blocked gus.").waitFor()
    assert.strictEqual(await page.message("are you angry?").count(), 0)
    // In a group with others there is a place where they spoke, and no words.
    const ida = await on.raw("ida")
    const choir = await ida.makeGroup("Choir", "gus", "hana")
    await page.row("Choir").click()
    await gus.tell(choir, "la la la")
    await ida.tell(choir, "once more")
    await page.message("once more").waitFor()
    const hidden = page.message("Hidden while you had them blocked")
    await hidden.waitFor()
    await page.row("gus").getByText("Message hidden").waitFor()
    assert.strictEqual(await page.message("la la la").count(), 0)
    await page.row("gus").click()
    await page.button("Unblock").click()
    await page.field.waitFor()
    await gus.tell("hana", "good that we talk again")
    await page.message("good that we talk again").waitFor()
    // What was said meanwhile stays hidden, and was not deleted.
    await page.row("Choir").click()
    await hidden.waitFor()
    await page.reload()
    await hidden.waitFor()
    assert.strictEqual(await page.getByText("la la la").count(), 0)
    assert.strictEqual(await page.getByText("Message deleted").count(), 0)
  })
})
