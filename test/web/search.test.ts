/** Looking for what was said: in one conversation or in all, and from what was found to its place in the log. */
import { assert, beforeAll, it } from "vitest"
import { findings } from "./support/axe.ts"
import { screenshot } from "./support/browser.ts"
import { lineOf } from "./support/line.ts"
import { looks } from "./support/looks.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import type { Raw } from "./support/raw.ts"

const count = 400

const open = async (page: Person) => {
  await page.keyboard.press("Control+k")
  await page.dialog.waitFor()
}

const field = (page: Person) => page.getByRole("combobox", { name: "Words to search for" })
const hits = (page: Person) => page.locator("#hits").getByRole("option")

onStage("search", (on) => {
  let group: { readonly group: string; readonly conversation: string }
  let bob: Raw

  beforeAll(async () => {
    const alice = await on.raw("alice")
    bob = await on.raw("bob")
    const carol = await on.raw("carol")
    group = await alice.makeGroup("Harbour", "bob", "carol")
    await carol.tell(group, "Der Zug fährt um zwölf, die Fähre auch: 🛳️ bring the blue rope")
    for (let from = 1; from <= count; from += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => bob.tell(group, `the ferry of ${from + i} is late`)))
    }
    await carol.tell("alice", "the blue ferry is on time, see https://example.org/ferry")
    await carol.tell("bob", "a secret about the ferry")
    const other = await on.raw("alice")
    other.say({ type: "read", conversation: group.conversation, up_to: count + 2 })
    await other.ask({ type: "conversations" })
  })

  it("finds in all conversations as one types, the newest first, with the words marked", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").waitFor()
    await open(page)
    await page.getByText("Type a word, or its beginning").waitFor()
    await field(page).fill("FERR blue")
    await page.getByText("1 found").waitFor()
    assert.deepStrictEqual(await page.locator(".hit mark").allTextContents(), ["blue", "ferry", "ferry"])
    // In a direct conversation its name says who it was.
    assert.match(await hits(page).first().textContent() ?? "", /^Ccarol.*the blue ferry is/)

    // Without accents, in another conversation, and where it is: who, and in which.
    await field(page).fill("fahrt")
    await page.locator(".hit mark", { hasText: "fährt" }).waitFor()
    assert.match(await hits(page).first().textContent() ?? "", /Harbour.*carol:.*um zwölf, die Fähre auch: 🛳️/)

    // Never another's message, and a sentence where there is nothing.
    await field(page).fill("secret")
    await page.getByText("Nothing found. Words are found by their beginning").waitFor()
    await field(page).fill("?!")
    await page.getByText("There is no word in this").waitFor()
    await field(page).fill("f")
    await page.getByText("Type at least two letters.").waitFor()
    await field(page).fill("\"blue ferry\"")
    await page.getByText("1 found").waitFor()
  })

  it("goes on page by page while one scrolls, by keys too", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").waitFor()
    await open(page)
    await page.keyboard.type("ferry late")
    await page.getByText("30+ found").waitFor()
    assert.match(await hits(page).first().textContent() ?? "", new RegExp(`ferry of ${count} is late`))
    await page.getByRole("listbox").evaluate((list) => list.scrollTo(0, list.scrollHeight))
    await page.getByText("60+ found").waitFor()
    for (let steps = 0; steps < 7; steps++) await page.keyboard.press("PageDown")
    await page.getByText("90+ found").waitFor()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    const active = page.locator("#hits").getByRole("option", { selected: true })
    assert.match(await active.textContent() ?? "", new RegExp(`ferry of ${count - 56} is late`))
    assert.strictEqual(await field(page).getAttribute("aria-activedescendant"), await active.getAttribute("id"))
    await page.keyboard.press("Escape")
    await page.dialog.waitFor({ state: "detached" })
  })

  it("Enter goes to the place in the log, however far up, and there is a way back", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").waitFor()
    await open(page)
    await page.keyboard.type("ferry")
    await page.getByText("30+ found").waitFor()
    // Enter that comes before the answer is not for what is still to be seen.
    await field(page).fill("\"ferry of 7\"")
    await page.keyboard.press("Enter")
    await page.dialog.waitFor({ state: "detached" })
    const there = page.message("the ferry of 7 is late")
    await there.waitFor()
    await page.locator(".message.flash", { hasText: "ferry of 7 is" }).waitFor()
    await page.isIn("[data-seq='9']")
    await page.getByRole("heading", { name: "Harbour" }).waitFor()
    const seen = await there.evaluate((each) => each.getBoundingClientRect())
    assert.isTrue(seen.top > 60 && seen.bottom < 760, JSON.stringify(seen))

    // What others say meanwhile is not put behind it, and is not read yet.
    await bob.tell(group, "said meanwhile")
    await page.row("Harbour").getByLabel("1 unread").waitFor()
    assert.strictEqual(await page.message("said meanwhile").count(), 0)

    // Scrolling down comes to the present, each message once and in order.
    const met = new Set<number>()
    for (let turn = 0; turn < 400 && !met.has(count + 3); turn++) {
      const shown = await page.locator(".message").evaluateAll((all) =>
        all.map((element) => Number(element.getAttribute("data-seq")))
      )
      assert.deepStrictEqual(shown, [...shown].sort((a, b) => a - b))
      for (const seq of shown) met.add(seq)
      await page.log.evaluate((element) => element.scrollBy(0, element.clientHeight))
      await page.drawn()
    }
    await page.message("said meanwhile").waitFor()
    for (let seq = 9; seq <= count + 3; seq++) assert.isTrue(met.has(seq), `${seq}`)
    await page.toEnd()
    await page.row("Harbour").locator(".badge").waitFor({ state: "detached" })
  })

  it("in the conversation that is open, and back to the latest by a button, or by saying something", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").click()
    await page.message("said meanwhile").waitFor()
    await page.button("Search in this conversation").click()
    await field(page).fill("blue")
    await page.getByText("1 found").waitFor()
    await page.dialog.getByRole("button", { name: "In Harbour" }).click()
    await page.getByText("2 found").waitFor()
    await page.dialog.getByRole("button", { name: "In Harbour" }).click()
    await page.getByText("1 found").waitFor()
    await hits(page).first().click()
    await page.locator(".message.flash", { hasText: "bring the blue rope" }).waitFor()
    await page.getByRole("button", { name: /^To the latest/ }).click()
    await page.message("said meanwhile").waitFor()
    assert.isBelow(await page.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight), 5)

    await page.button("Search in this conversation").click()
    await page.locator(".hit", { hasText: "bring the blue rope" }).click()
    await page.locator(".message.flash", { hasText: "bring the blue rope" }).waitFor()
    await page.say("said at the end")
    await page.message("said meanwhile").waitFor()
  })

  it("by who said it, what it has and when", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").waitFor()
    await page.button("Search messages").click()
    await page.dialog.getByRole("button", { name: "Links" }).click()
    await page.getByText("1 found").waitFor()
    await page.dialog.getByRole("button", { name: "Links" }).click()
    await page.button("From, dates").click()
    await page.dialog.getByLabel("From", { exact: true }).fill("carol")
    await page.getByText("2 found").waitFor()
    await field(page).fill("rope")
    await page.getByText("1 found").waitFor()
    await page.dialog.getByLabel("Until").fill("2020-01-01")
    await page.getByText("Nothing found.").waitFor()
    await page.dialog.getByLabel("Until").fill("")
    await page.dialog.getByLabel("Since").fill("2020-01-01")
    await page.getByText("1 found").waitFor()
    await page.dialog.getByLabel("From", { exact: true }).fill("b b")
    await page.getByText("A name has 1 to 128 letters").waitFor()
  })

  it("from the list of conversations, where no name is the one that was typed", async () => {
    const page = await on.person("alice")
    await page.row("Harbour").waitFor()
    await page.getByLabel("Search conversations").fill("rope")
    await page.getByRole("button", { name: "Search messages for “rope”" }).click()
    await page.getByText("1 found").waitFor()
    assert.strictEqual(await field(page).inputValue(), "rope")
  })

  it("what is not asked any more does not come back, and what fails says so and can be tried again", async () => {
    const page = await on.page()
    const line = await lineOf(page)
    await page.signIn("alice")
    await page.row("Harbour").waitFor()
    await open(page)
    await page.keyboard.type("ferry", { delay: 10 })
    await page.getByText("30+ found").waitFor()
    assert.isBelow(line.said("search").length, 4, "a pause is waited for")
    line.end(4503)
    await field(page).fill("rope")
    await page.locator(".finder .problem", { hasText: /\.$|\. / }).waitFor()
    await page.button("Try again").waitFor()
  })

  it.each(looks)("$at: fits, and axe has nothing against it", async ({ at, options }) => {
    const page = await on.person("alice", options)
    await page.row("Harbour").waitFor()
    await page.button("Search messages").click()
    await field(page).waitFor()
    assert.deepStrictEqual(await findings(page), [], "empty")
    await field(page).fill("ferry")
    await page.getByText("30+ found").waitFor()
    await page.button("From, dates").click()
    await screenshot(page, `search-${at}`)
    assert.deepStrictEqual(await findings(page), [], "found")
    const over = await page.evaluate(() => [
      document.documentElement.scrollWidth - innerWidth,
      document.querySelector(".finder")!.scrollWidth - document.querySelector(".finder")!.clientWidth
    ])
    assert.deepStrictEqual(over, [0, 0])
    await hits(page).first().click()
    await page.locator(".message.flash").waitFor()
  })
})
