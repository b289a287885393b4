/** Texts with marks, code in colours, emoji and the other language, in a real browser at both sizes. */
import { afterAll, afterEach, assert, beforeAll, describe, it } from "@effect/vitest"
import { findings } from "./support/axe.ts"
import { hasBrowser, phone, screenshot } from "./support/browser.ts"
import type { Person } from "./support/person.ts"
import { type Stage, stage } from "./support/stage.ts"

let at: Stage
beforeAll(async () => {
  if (hasBrowser) at = await stage()
})
afterEach(() => at?.clear())
afterAll(() => at?.close())

const sample = [
  "**Bold**, *italic*, ~~struck~~ and `code`; <b>not</b> &amp; HTML.",
  "> They said so",
  "- one",
  "- two, see example.com/a or https://example.org/" + "long/".repeat(20),
  "```ts",
  "// how it greets",
  "export const greet = (name: string): string => `Hello ${name}`",
  "```"
].join("\n")

const sizes = [["wide", {}], ["narrow", { ...phone, viewport: { width: 360, height: 740 } }]] as const
const schemes = ["light", "dark"] as const

const look = async (person: Person, name: string) => {
  for (const colorScheme of schemes) {
    await person.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    assert.deepStrictEqual(await findings(person), [], colorScheme)
    await screenshot(person, `${name}-${colorScheme}`)
  }
  await person.emulateMedia({ colorScheme: "light" })
}

describe.skipIf(!hasBrowser)("what people write", () => {
  it.each(sizes)("is formatted, code has colours, and nothing of it is HTML: %s", async (size, options) => {
    const ann = await at.person(`ann-${size}`, options)
    await ann.startWith(`ben-${size}`)
    await ann.field.fill(sample)
    await ann.button("Send").click()
    const text = ann.locator(".message .text")
    await text.locator(".hl-keyword").first().waitFor()
    assert.deepStrictEqual(await text.locator("strong, em, s, code:not(pre code)").allTextContents(), [
      "Bold",
      "italic",
      "struck",
      "code"
    ])
    assert.strictEqual(await text.locator("blockquote").textContent(), "They said so")
    assert.lengthOf(await text.locator("li").all(), 2)
    assert.include(await text.textContent() ?? "", "<b>not</b> &amp; HTML.")
    assert.deepStrictEqual(
      await text.locator("a").evaluateAll((links) =>
        links.map((link) => (link as HTMLAnchorElement).href.slice(0, 30))
      ),
      ["https://example.com/a", "https://example.org/long/long/"]
    )
    assert.strictEqual(await text.locator("b, script, img").count(), 0)
    assert.isTrue(await ann.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
    await ann.context().grantPermissions(["clipboard-read", "clipboard-write"])
    await text.locator("pre").hover()
    await ann.button("Copy code").click()
    await ann.getByText("Copied", { exact: true }).waitFor({ state: "attached" })
    assert.include(await ann.evaluate(() => navigator.clipboard.readText()), "export const greet")
    await look(ann, `text-${size}`)
  })

  it("keys put marks around what is selected, and in code Enter begins a line", async () => {
    const ann = await at.person("ann-keys")
    await ann.startWith("ben-keys")
    await ann.field.fill("so good")
    await ann.field.press("Shift+Control+ArrowLeft")
    await ann.field.press("Control+b")
    assert.strictEqual(await ann.field.inputValue(), "so **good**")
    await ann.field.press("Control+i")
    assert.strictEqual(await ann.field.inputValue(), "so **_good_**")
    await ann.field.press("Control+i")
    await ann.field.press("Control+z")
    assert.strictEqual(await ann.field.inputValue(), "so **_good_**")
    await ann.field.press("Enter")
    await ann.message("so good").locator("strong em").waitFor()
    await ann.field.fill("```js")
    await ann.field.press("Enter")
    await ann.field.pressSequentially("1 + 1")
    await ann.field.press("Enter")
    await ann.field.pressSequentially("```")
    await ann.field.press("Enter")
    await ann.locator(".message pre .hl-number").first().waitFor()
    assert.strictEqual(await ann.locator(".message pre").textContent(), "1 + 1")
  })
})

describe.skipIf(!hasBrowser)("emoji", () => {
  it.each(sizes)("are found among all of them, by keys alone: %s", async (size, options) => {
    const ann = await at.person(`ann-emoji-${size}`, options)
    await ann.startWith(`ben-emoji-${size}`)
    await ann.button("Emoji").focus()
    await ann.keyboard.press("Enter")
    await ann.dialog.getByRole("button", { name: "grinning face", exact: true }).waitFor()
    await look(ann, `emoji-${size}`)
    await ann.dialog.getByRole("button", { name: "Skin tone: dark", exact: true }).click()
    await ann.dialog.getByLabel("Search emoji").fill("waving ha")
    await ann.dialog.getByText("1 emoji found").waitFor()
    await ann.dialog.getByLabel("Search emoji").press("ArrowDown")
    await ann.isIn(".emoji-grid button")
    await ann.keyboard.press("Enter")
    await ann.dialog.waitFor({ state: "detached" })
    await ann.isIn("textarea")
    assert.strictEqual(await ann.field.inputValue(), "👋🏿")
    // It is the first of those that were used.
    await ann.button("Emoji").click()
    await ann.dialog.getByRole("group", { name: "Recently used" }).getByRole("button").first().waitFor()
    await ann.keyboard.press("Escape")
    await ann.isIn("button[aria-label='Emoji']")
    await ann.button("Send").click()
    await ann.locator(".only-emoji").waitFor()
  })

  it("are completed as one types, and not in code or addresses", async () => {
    const ann = await at.person("ann-complete")
    await ann.startWith("ben-complete")
    await ann.field.pressSequentially("hello :tad")
    const options = ann.getByRole("listbox", { name: "Emoji of that name" }).getByRole("option")
    await options.first().waitFor()
    assert.deepStrictEqual(await findings(ann), [])
    await screenshot(ann, "emoji-completion")
    assert.include(await options.first().textContent() ?? "", ":tada:")
    await ann.field.press("Enter")
    assert.strictEqual(await ann.field.inputValue(), "hello 🎉")
    await ann.field.pressSequentially(" :smil")
    await options.nth(1).waitFor()
    await ann.field.press("ArrowDown")
    assert.strictEqual(await ann.field.getAttribute("aria-activedescendant"), "emoji-completion-1")
    await ann.field.press("Escape")
    await options.first().waitFor({ state: "detached" })
    await ann.field.press("Enter")
    await ann.message("hello 🎉 :smil").waitFor()
    await ann.field.pressSequentially("http://a:smile 12:30")
    assert.strictEqual(await options.count(), 0)
  })

  it("answer a message beside the few that are at hand", async () => {
    const ann = await at.person("ann-react")
    await ann.startWith("ben-react")
    await ann.say("lunch?")
    await ann.act("lunch?", "React")
    await ann.button("More reactions").click()
    await ann.dialog.getByLabel("Search emoji").fill("pizza")
    await ann.dialog.getByText(/^\d+ emoji found$/).waitFor()
    await ann.dialog.getByLabel("Search emoji").press("Enter")
    await ann.locator(".reactions button", { hasText: "🍕" }).waitFor()
  })
})

describe.skipIf(!hasBrowser)("in German", () => {
  it.each(sizes)("all is said so, from the first page to the chat: %s", async (size, options) => {
    const ute = await at.page({ ...options, locale: "de-AT" })
    await ute.getByLabel("Dein Name").waitFor()
    assert.strictEqual(await ute.getAttribute("html", "lang"), "de")
    await look(ute, `german-sign-in-${size}`)
    await ute.getByLabel("Dein Name").fill(".")
    await ute.button("Anmelden").click()
    await ute.getByText("Ein Name hat 1 bis 128 Buchstaben").waitFor()
    await ute.getByLabel("Dein Name").fill(`ute-${size}`)
    await ute.button("Anmelden").click()
    await ute.getByText("Dir hat noch niemand geschrieben").first().waitFor()
    await ute.button("Jemandem schreiben").click()
    await ute.dialog.getByLabel("Name").fill(`ulf-${size}`)
    await ute.button("Beginnen").click()
    await ute.field.fill("Grüß **dich**")
    await ute.button("Senden").click()
    await ute.message("Grüß dich").getByLabel("Gesendet", { exact: true }).waitFor()
    await ute.getByText("Heute", { exact: true }).waitFor()
    await look(ute, `german-${size}`)
    // Another choice is kept, and what was being written too.
    await ute.field.fill("Entwurf")
    if (size === "narrow") await ute.button("Zurück zu den Unterhaltungen").click()
    await ute.getByLabel("Sprache").selectOption("en")
    await ute.getByLabel("Language").waitFor()
    assert.strictEqual(await ute.getAttribute("html", "lang"), "en")
    if (size === "wide") assert.strictEqual(await ute.field.inputValue(), "Entwurf")
    await ute.reload()
    await ute.getByText("online", { exact: true }).first().waitFor({ state: "attached" })
    assert.strictEqual(await ute.getAttribute("html", "lang"), "en")
  })
})
