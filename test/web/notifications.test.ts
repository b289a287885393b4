/** Somebody who looks elsewhere is told of messages, by one tab, as they chose. */
import { assert, it } from "vitest"
import { findings } from "./support/axe.ts"
import { screenshot } from "./support/browser.ts"
import { comesTrue } from "./support/comesTrue.ts"
import { looks } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"

interface Recorded {
  readonly shown: Array<Notification & { readonly title: string; readonly body: string; closed?: true }>
}

/** The browser's notifications, which nobody sees here. */
const recording = (permission: NotificationPermission) => (page: Person) =>
  page.addInitScript((permission) => {
    const shown: Array<object> = []
    class Recording extends EventTarget {
      static permission = permission
      static requestPermission = () => {
        Recording.permission = "granted"
        return Promise.resolve("granted")
      }
      readonly title: string
      constructor(title: string, options: object) {
        super()
        this.title = title
        shown.push(Object.assign(this, options))
      }
      close() {
        Object.assign(this, { closed: true })
      }
    }
    Object.assign(globalThis, { Notification: Recording, shown })
  }, permission).then(() => page.reload())

const shown = (page: Person) =>
  page.evaluate(() =>
    (globalThis as unknown as Recorded).shown.map(({ body, closed, title }) => [title, body, closed === true])
  )

const waitForNotes = async (page: Person, count: number) => {
  await page.waitForFunction((count) => (globalThis as unknown as Recorded).shown.length >= count, count)
  return shown(page)
}

/** To another tab and back, as far as the page can tell. */
const look = (page: Person, state: "hidden" | "visible") =>
  page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state })
    document.dispatchEvent(new Event("visibilitychange"))
  }, state)

onStage("who looks elsewhere", (on) => {
  it("is asked once, told of messages from then on, and comes to one with a click", async () => {
    const bob = await on.raw("bob")
    const page = await on.page()
    await recording("default")(page)
    await page.signIn("alice")
    await look(page, "hidden")
    await bob.tell("alice", "nobody sees this")
    await page.getByText("Shall this browser notify you next time?").waitFor()
    assert.deepStrictEqual(await shown(page), [])
    await page.button("Notify me").click()
    const seq = await bob.tell("alice", "somebody is told of this")
    assert.deepStrictEqual(await waitForNotes(page, 1), [["bob", "somebody is told of this", false]])
    await page.waitForFunction(() => document.title === "(2) Switchboard")
    assert.match(await page.locator("link[rel=icon]").getAttribute("href") ?? "", /^data:image\/svg/)
    await look(page, "visible")
    await page.evaluate(() => (globalThis as unknown as Recorded).shown[0]!.dispatchEvent(new Event("click")))
    await page.isIn(`[data-seq="${seq}"]`)
    await page.waitForFunction(() => !document.title.startsWith("("))
    assert.deepStrictEqual(await shown(page), [["bob", "somebody is told of this", true]])
    assert.match(await page.locator("link[rel=icon]").getAttribute("href") ?? "", /icons\/icon\.svg$/)

    // What is open and seen is not told of, and what is elsewhere is.
    await bob.tell("alice", "this is seen")
    await page.message("this is seen").waitFor()
    await (await on.raw("carol")).tell("alice", "from elsewhere")
    assert.deepStrictEqual((await waitForNotes(page, 2)).at(1), ["carol", "from elsewhere", false])
    // Read on another device, it is taken away.
    const phone = await on.raw("alice")
    phone.say({ type: "read", conversation: "dm:alice:carol", up_to: 1 })
    await page.waitForFunction(() => (globalThis as unknown as { shown: Array<{ closed?: true }> }).shown[1]?.closed)
  })

  it("has one tab that speaks for all", async () => {
    const bob = await on.raw("bob")
    const one = await on.page()
    await recording("granted")(one)
    await one.evaluate(() => localStorage.setItem("switchboard.notifications", JSON.stringify({ desktop: true })))
    await one.reload()
    await one.signIn("ada")
    const two = await on.tab(one)
    await recording("granted")(two)
    await two.ready()
    // The other one shows it, so nobody speaks.
    await look(one, "hidden")
    await two.startWith("bob")
    await bob.tell("ada", "seen in the other tab")
    await two.message("seen in the other tab").waitFor()
    await look(two, "hidden")
    await bob.tell("ada", "seen by nobody")
    await waitForNotes(one, 1)
    await two.message("seen by nobody").waitFor()
    assert.deepStrictEqual([await shown(one), await shown(two)], [[["bob", "seen by nobody", false]], []])
    await one.close()
    await comesTrue(() =>
      two.evaluate(async () =>
        (await navigator.locks.query()).pending!.every(({ name }) => !name!.endsWith(" speaker"))
      )
    )
    await bob.tell("ada", "the next one speaks")
    assert.deepStrictEqual((await waitForNotes(two, 1))[0]?.[1], "the next one speaks")
  })

  it.each(looks)("$at: the question, the choices, and why there is none", async ({ at, options }) => {
    const page = await on.page(options)
    await recording("default")(page)
    const me = `nora-${at}`
    await page.signIn(me)
    await look(page, "hidden")
    await (await on.raw("bob")).tell(me, "hello")
    await page.button("Not now").waitFor()
    await look(page, "visible")
    await screenshot(page, `${at}-notify-question`)
    assert.deepStrictEqual(await findings(page), [])
    await page.button("Not now").click()
    await page.button("Notifications").click()
    await page.getByRole("switch", { name: "Desktop notifications" }).click()
    await page.getByRole("switch", { name: "Desktop notifications", checked: true }).waitFor()
    await screenshot(page, `${at}-notify-choices`)
    assert.deepStrictEqual(await findings(page), [])
    await page.keyboard.press("Escape")
    await page.evaluate(() => Object.assign(Notification, { permission: "denied" }))
    await page.button("Notifications").click()
    await page.getByText("This browser blocks notifications").waitFor()
    await screenshot(page, `${at}-notify-denied`)
    assert.deepStrictEqual(await findings(page), [])
  })
})
