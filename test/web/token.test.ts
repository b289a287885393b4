/** Where the server asks for tokens, the page does too. */
import { SignJWT } from "jose"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { hasBrowser, screenshot } from "./support/browser.ts"
import { field, message, type Stage, stage, startWith, write } from "./support/chat.ts"

const secret = "a secret of the tests, at least 32 bytes long"

const token = (user: string, lasts = "1h") =>
  new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime(lasts)
    .sign(new TextEncoder().encode(secret))

describe.skipIf(!hasBrowser)("signing in with a token", () => {
  let on: Stage
  beforeAll(async () => {
    on = await stage("--store", "memory", "--auth", "jwt", "--jwt-secret", secret)
  })
  afterAll(() => on.close())

  it("the user is who the token says, also after a reload, and the token is forgotten with the tab", async () => {
    const page = await on.page()
    await page.getByLabel("Token").fill("not a token")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").waitFor()
    await page.getByLabel("Token").fill(await token("alice"))
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 1, name: "alice" }).waitFor()
    await page.locator(".link-ready").waitFor()
    await startWith(page, "bob")
    await write(page, "hello")
    await message(page, "hello").getByLabel("Sent", { exact: true }).waitFor()
    await page.reload()
    await page.getByRole("heading", { level: 1, name: "alice" }).waitFor()
    await message(page, "hello").waitFor()
    assert.strictEqual(await page.evaluate(() => localStorage.getItem("switchboard.identity")), null)
    const second = await page.context().newPage()
    await second.goto(on.url)
    await second.getByLabel("Token").waitFor()
  })

  it("a newer token prolongs the session, and brings back one that has ended, where the user was", async () => {
    const page = await on.page()
    const banner = page.locator("form.banner")
    const show = async (next: string) => {
      await page.getByLabel("New token").fill(next)
      await page.keyboard.press("Enter")
    }
    await page.getByLabel("Token").fill(await token("carol", "12s"))
    await page.keyboard.press("Enter")
    await startWith(page, "dave")
    await field(page).fill("half a sentence")
    await banner.getByText("Your sign-in ends soon.").waitFor()
    await show(await token("mallory"))
    await banner.getByRole("alert").getByText("The token is not of this session's user").waitFor()
    await screenshot(page, "token-ends")
    // A token that ends earlier takes nothing from the session.
    await show(await token("carol", "2s"))
    await banner.getByRole("alert").getByText("ends before").waitFor()
    await banner.getByText("Your sign-in has ended.").waitFor({ timeout: 20_000 })
    await show(await token("mallory"))
    await banner.getByRole("alert").getByText("This is the token of mallory").waitFor()
    await screenshot(page, "token-ended")
    await show(await token("carol"))
    await page.locator(".link-ready").waitFor()
    await banner.waitFor({ state: "detached" })
    assert.strictEqual(await field(page).inputValue(), "half a sentence")
    await field(page).press("Enter")
    await message(page, "half a sentence").getByLabel("Sent", { exact: true }).waitFor()
    await page.reload()
    await message(page, "half a sentence").waitFor()
  })
})
