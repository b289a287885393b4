/** What one wants of conversations for oneself: on all of one's devices, and told to nobody else. */
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

const choose = async (page: Person, item: string) => {
  await page.button("More").click()
  await page.getByRole("menuitem", { name: item }).click()
}

const toList = async (page: Person, narrow: boolean) => {
  if (narrow) await page.button("Back to conversations").click()
}

onStage("what one wants of conversations", (on) => {
  it.each(looks)(
    "$at: muted, archived until the next message, and marked, on a second device at once",
    async (look) => {
      const { at, narrow, options } = look
      const [bob, carol] = [await on.raw(`bob-${at}`), await on.raw(`carol-${at}`)]
      await bob.tell(`me-${at}`, "Hello")
      await carol.tell(`me-${at}`, "Good morning")
      const page = await on.person(`me-${at}`, options)
      const device = await on.person(`me-${at}`)
      const rows = [page.row(bob.user), device.row(bob.user)]
      await rows[1]!.waitFor()
      await rows[0]!.click()
      await page.message("Hello").waitFor()

      await choose(page, "Mute for good")
      await device.row(bob.user).getByLabel("Muted").waitFor()
      await page.button("More").click()
      await page.getByRole("menuitem", { name: "Unmute" }).waitFor()
      await clean(page, `preferences-${at}-menu`)
      await page.getByRole("menuitem", { name: "Unmute" }).press("Enter")
      await device.row(bob.user).getByLabel("Muted").waitFor({ state: "detached" })
      await page.button("More").click()
      await page.getByRole("menuitemcheckbox", { name: "Mute mentions, too" }).click()
      await page.getByRole("menuitem", { name: "Mute for 8 hours" }).click()
      await device.row(bob.user).getByLabel("Muted").waitFor()

      await choose(page, "Archive")
      await rows[1]!.waitFor({ state: "detached" })
      await toList(page, narrow)
      await page.row(carol.user).click()
      await page.message("Good morning").waitFor()
      await toList(page, narrow)
      await rows[0]!.waitFor({ state: "detached" })
      for (const each of [page, device]) {
        await each.button("Archived (1)").click()
        await each.row(bob.user).getByLabel("Muted").waitFor()
        await each.button("Archived (1)").click()
        await each.row(bob.user).waitFor({ state: "detached" })
      }
      await page.button("Archived (1)").click()
      await clean(page, `preferences-${at}-archive`)
      await page.button("Archived (1)").click()
      await bob.tell(`me-${at}`, "Still there?")
      for (const each of [page, device]) {
        await each.row(bob.user).getByLabel("1 unread").waitFor()
        await each.getByText("Archived (1)").waitFor({ state: "detached" })
        // What came back is muted as before.
        await each.row(bob.user).getByLabel("Muted").waitFor()
      }

      await page.row(bob.user).click()
      await page.message("Still there?").waitFor()
      for (const each of [page, device]) await each.row(bob.user).locator(".badge").waitFor({ state: "detached" })
      await choose(page, "Mark as unread")
      await page.field.waitFor({ state: "detached" })
      for (const each of [page, device]) await each.row(bob.user).getByLabel("marked as unread").waitFor()
      await clean(page, `preferences-${at}-marked`)
      // Also where another says so while the mark is there, and after a visit anew.
      await page.reload()
      await page.row(bob.user).getByLabel("marked as unread").waitFor()
      await device.row(bob.user).click()
      for (const each of [page, device]) await each.row(bob.user).locator(".badge").waitFor({ state: "detached" })
    }
  )

  it("who reads privately is not seen to read, on any device, until they want to be", async () => {
    const page = await on.person("paula")
    const device = await on.person("paula")
    const ben = await on.person("benno")
    await ben.startWith("paula")
    await ben.say("before")
    await page.row("benno").click()
    await ben.ticked("before", "Read")

    await page.button("Your profile").click()
    const own = page.dialog.getByLabel("Read privately")
    await own.check()
    await device.button("Your profile").click()
    const other = device.dialog.getByLabel("Read privately")
    assert.isTrue(await other.isChecked())
    await page.keyboard.press("Escape")
    await ben.write("in private")
    await page.message("in private").waitFor()
    // The second device knows that it was read, and the other one does not.
    await ben.ticked("in private", "Delivered")
    await device.row("benno").locator(".badge").waitFor({ state: "detached" })
    assert.strictEqual(await ben.message("in private").getByLabel("Read", { exact: true }).count(), 0)

    await other.uncheck()
    await device.keyboard.press("Escape")
    await ben.write("in the open")
    await ben.ticked("in the open", "Read")
    await ben.ticked("in private", "Read")
  })
})
