/** Where the server asks for tokens, the page does too. */
import { SignJWT } from "jose"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { hasBrowser } from "./support/browser.ts"
import { message, type Stage, stage, startWith, write } from "./support/chat.ts"

const secret = "a secret of the tests, at least 32 bytes long"

const token = (user: string) =>
  new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime("1h")
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
})
