/** Groups, who is here, who types, and whom one does not want to hear. */
import type { Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { hasBrowser, screenshot } from "./support/browser.ts"
import { act, field, message, row, signIn, type Stage, stage, startWith, write } from "./support/chat.ts"

const events = (page: Page) => page.locator(".event > span").allTextContents()
const event = (page: Page, text: string) => page.locator(".event", { hasText: text })
const subtitle = (page: Page) => page.locator(".chat-header .who p")

describe.skipIf(!hasBrowser)("groups and people", () => {
  let on: Stage
  beforeAll(async () => {
    on = await stage()
  })
  afterAll(() => on.close())

  it("three talk in a group, change it, and leave it", async () => {
    const carol = await on.raw("carol")
    const alice = await on.page()
    const bob = await on.page()
    await signIn(alice, "alice")
    await signIn(bob, "bob")
    await alice.getByRole("button", { name: "New group" }).click()
    await alice.getByLabel("Name of the group").fill("Friday hikes")
    await alice.getByLabel("Members", { exact: true }).fill("bob, carol ")
    await screenshot(alice, "new-group")
    await alice.getByRole("button", { name: "Create group" }).click()
    await event(alice, "You created “Friday hikes” with bob and carol").waitFor()
    await row(bob, "Friday hikes").click()
    await event(bob, "alice created “Friday hikes” with you and carol").waitFor()
    await subtitle(alice).getByText("3 members, 3 online").waitFor()

    await write(alice, "The lake on Friday?")
    const heard = await carol.until((frame) =>
      frame.type === "incoming_message" && frame.text === "The lake on Friday?"
    )
    const group = heard.type === "incoming_message" ? heard.group : undefined
    const answer = await carol.ask({ type: "chat_message", group, text: "Count me in" })
    await message(bob, "Count me in").getByText("carol", { exact: true }).waitFor()
    await write(bob, "Me too")
    await message(alice, "Me too").waitFor()
    await act(bob, "Count me in", "Reply")
    await write(bob, "Good")
    await message(alice, "Good").locator(".quote").getByText("Count me in").waitFor()

    // Two ticks when all have it, coloured when all have read it.
    const ours = message(alice, "The lake on Friday?")
    await ours.getByLabel("Sent", { exact: true }).waitFor()
    const seq = answer.type === "message_accepted" ? answer.seq : 0
    carol.say({ type: "received", conversation: `group:${group}`, up_to: seq })
    await ours.getByLabel("Delivered", { exact: true }).waitFor()
    carol.say({ type: "read", conversation: `group:${group}`, up_to: seq })
    await ours.getByLabel("Read", { exact: true }).waitFor()

    await alice.getByRole("button", { name: "Group details" }).click()
    const dialog = alice.getByRole("dialog")
    await dialog.getByLabel("Name of the group").fill("Saturday hikes")
    await dialog.getByRole("button", { name: "Rename" }).click()
    await row(bob, "Saturday hikes").waitFor()
    await dialog.getByLabel("Role of bob").selectOption("admin")
    await event(bob, "alice made you an admin").waitFor()
    await dialog.getByLabel("Add members").fill("dora ")
    await dialog.getByRole("button", { name: "Add", exact: true }).click()
    await dialog.getByText("4 members").waitFor()
    await screenshot(alice, "group-details")
    await dialog.getByRole("button", { name: "Remove carol" }).click()
    await dialog.getByRole("group", { name: "Remove carol from the group?" }).getByRole("button", {
      name: "Remove carol"
    }).click()
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
    await screenshot(alice, "group")

    await bob.getByRole("button", { name: "Group details" }).click()
    await bob.getByRole("button", { name: "Leave group" }).click()
    await bob.getByRole("group").getByRole("button", { name: "Leave group" }).click()
    await bob.getByText("You are no longer in this group.").waitFor()
    assert.strictEqual(await field(bob).count(), 0)
    await event(alice, "bob left").waitFor()
    await alice.reload()
    // The list says what came last; the rest is loaded.
    await event(alice, told[0]!).waitFor()
    assert.deepStrictEqual(await events(alice), [...told, "bob left"])
  })

  it("shows who is here and who types", async () => {
    const page = await on.page()
    await signIn(page, "erin")
    await startWith(page, "frank")
    await write(page, "Are you there?")
    await message(page, "Are you there?").getByLabel("Sent", { exact: true }).waitFor()
    const frank = await on.page()
    await signIn(frank, "frank")
    await row(frank, "erin").click()
    await field(frank).fill("Y")
    await page.getByText("frank is typing").waitFor()
    await row(page, "frank").getByText("typing…").waitFor()
    await subtitle(page).getByText("online").waitFor()
    await row(page, "frank").getByLabel("online").waitFor()
    await write(frank, "Yes")
    await message(page, "Yes").waitFor()
    await page.getByText("frank is typing").waitFor({ state: "detached" })
    await frank.context().close()
    // The server waits 15 seconds for somebody to come back before it says so.
    await subtitle(page).getByText(/last seen|offline/).waitFor({ timeout: 30_000 })
  })

  it("who is blocked is not heard, until they are unblocked", async () => {
    const gus = await on.raw("gus")
    const page = await on.page()
    await signIn(page, "hana")
    await startWith(page, "gus")
    await write(page, "hello")
    await message(page, "hello").getByLabel("Sent", { exact: true }).waitFor()
    await gus.tell("hana", "hello yourself")
    await message(page, "hello yourself").waitFor()
    await page.getByRole("button", { name: "Contact details" }).click()
    await page.getByRole("button", { name: "Block", exact: true }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Unblock" }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByText("You blocked gus.").waitFor()
    assert.strictEqual(await field(page).count(), 0)
    await screenshot(page, "blocked")
    await gus.ask({ type: "chat_message", recipient: "hana", text: "are you angry?" })
    await page.reload()
    await page.getByText("You blocked gus.").waitFor()
    assert.strictEqual(await message(page, "are you angry?").count(), 0)
    // In a group with others there is a place where they spoke, and no words.
    const ida = await on.raw("ida")
    const made = await ida.ask({ type: "create_group", name: "Choir", members: ["gus", "hana"] })
    const group = made.type === "group_info" ? made.group : ""
    await gus.ask({ type: "chat_message", group, text: "la la la" })
    await ida.ask({ type: "chat_message", group, text: "once more" })
    await row(page, "Choir").click()
    await message(page, "once more").waitFor()
    await message(page, "Hidden while you had them blocked").waitFor()
    await row(page, "gus").getByText("Message hidden").waitFor()
    await screenshot(page, "blocked-in-group")
    assert.strictEqual(await message(page, "la la la").count(), 0)
    await row(page, "gus").click()
    await page.getByRole("button", { name: "Unblock" }).click()
    await field(page).waitFor()
    await gus.tell("hana", "good that we talk again")
    await message(page, "good that we talk again").waitFor()
  })

  it("reported no errors", () => {
    assert.deepStrictEqual(on.errors, [])
  })
})
