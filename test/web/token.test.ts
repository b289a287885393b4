/** Where the server asks for tokens, the page does too. */
import { assert, it } from "vitest"
import { onStage } from "./support/onStage.ts"
import { token, tokensOnly } from "./support/stage.ts"

onStage("signing in with a token", (on) => {
  it("the user is who the token says, also after a reload, and the token is forgotten with the tab", async () => {
    const page = await on.page()
    await page.showToken("not a token")
    await page.getByRole("alert").waitFor()
    await page.showToken(await token("alice"))
    await page.getByRole("heading", { level: 1, name: "alice" }).waitFor()
    await page.ready()
    await page.startWith("bob")
    await page.say("hello")
    await page.reload()
    await page.getByRole("heading", { level: 1, name: "alice" }).waitFor()
    await page.message("hello").waitFor()
    assert.strictEqual(await page.evaluate(() => localStorage.getItem("switchboard.identity")), null)
    const second = await on.tab(page)
    await second.getByLabel("Token").waitFor()
  })

  it("a newer token prolongs the session, and brings back one that has ended, where the user was", async () => {
    const page = await on.page()
    const banner = page.locator("form.banner")
    const problem = (text: string) => banner.getByRole("alert").getByText(text).waitFor()
    await page.showToken(await token("carol", "12s"))
    // The banner pushes the page down as it comes: nobody's click is to be half done by then.
    await banner.getByText("Your sign-in ends soon.").waitFor()
    await page.startWith("dave")
    await page.field.fill("half a sentence")
    await page.showToken(await token("mallory"))
    await problem("The token is not of this session's user")
    // A token that ends earlier takes nothing from the session.
    await page.showToken(await token("carol", "2s"))
    await problem("ends before")
    await banner.getByText("Your sign-in has ended.").waitFor({ timeout: 20_000 })
    await page.showToken(await token("mallory"))
    await problem("This is the token of mallory")
    await page.showToken(await token("carol"))
    await page.ready()
    await banner.waitFor({ state: "detached" })
    assert.strictEqual(await page.field.inputValue(), "half a sentence")
    await page.field.press("Enter")
    await page.ticked("half a sentence", "Sent")
    await page.reload()
    await page.message("half a sentence").waitFor()
  })
}, ...tokensOnly)
