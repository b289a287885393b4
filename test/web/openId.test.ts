/** Signing in with a real OpenID Connect provider, in a real browser. */
import { afterAll, assert, beforeAll, it } from "vitest"
import { startIdentityProvider } from "../support/identityProvider.ts"
import { findings } from "./support/axe.ts"
import { phone, screenshot } from "./support/browser.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"

const provider = await startIdentityProvider()
const host = new URL(provider.issuer).host
const flags = ["--store", "memory", "--oidc-issuer", provider.issuer, "--oidc-client-id", "chat"]

const button = (page: Person) => page.getByRole("button", { name: `Sign in with ${host}` })

/** On the pages of the provider. */
const signInThere = async (page: Person, user: string) => {
  await page.locator("input[name=login]").fill(user)
  await page.locator("input[name=password]").fill("any")
  await page.locator("button[type=submit]").click()
  await page.getByRole("button", { name: "Continue" }).click()
}

const signIn = async (page: Person, user: string) => {
  await button(page).click()
  await signInThere(page, user)
  // Their id stands there until the server has said by what name the provider knows them.
  await page.getByRole("heading", { level: 1, name: `The ${user}`, exact: true }).waitFor({ timeout: 30_000 })
  await page.ready()
}

const renewals = () => provider.asked.filter((each) => each === "POST /token").length

onStage("signing in with a provider", (on) => {
  beforeAll(() => provider.close())
  afterAll(() => provider.stop())

  it("that is down is said in a sentence, until it answers; nothing has to be started again", async () => {
    const page = await on.page()
    await button(page).waitFor()
    await button(page).click()
    await page.getByRole("alert").getByText(`${host} cannot be reached; try again later.`).waitFor()
    await screenshot(page, "openid-down")
    provider.open({ pages: [on.url] })
    const isKnown = () => page.evaluate(async () => (await (await fetch("v1/info")).json()).oidc.provider !== undefined)
    while (!await isKnown()) await page.drawn()
    await signIn(page, "alice")
  }, 120_000)

  it("people talk under the names that it gives them, also after a reload, and sign out of both", async () => {
    const [alice, bob] = [await on.page(), await on.page(phone)]
    await Promise.all([alice, bob].map((each) => button(each).waitFor()))
    assert.deepStrictEqual(await findings(bob), [])
    await screenshot(alice, "openid-wide")
    await screenshot(bob, "openid-phone")
    await signIn(alice, "auth0|5f7c8ec7c33c6c004bbafe82")
    assert.strictEqual(new URL(alice.url()).search, "")
    await signIn(bob, "f:1:a/b")
    await alice.startWith("f:1:a/b")
    await alice.say("hello")
    await bob.row("auth0|").click()
    await bob.message("hello").waitFor()
    await alice.reload()
    await alice.message("hello").waitFor()
    assert.strictEqual(await alice.evaluate(() => JSON.stringify(localStorage).includes("eyJ")), false)
    await alice.button("Sign out").click()
    await alice.getByRole("button", { name: "Yes, sign me out" }).click()
    await button(alice).click()
    // Nobody is signed in there any more.
    await alice.locator("input[name=login]").waitFor()
  }, 120_000)

  it("a sign-in that was given up, or begun elsewhere, is said in a sentence", async () => {
    const page = await on.page()
    await button(page).click()
    await page.getByText("Cancel").click()
    await page.getByRole("alert").getByText(`You did not sign in at ${host}.`).waitFor()
    assert.strictEqual(new URL(page.url()).search, "")
    await page.goto(`${on.url}?code=stolen&state=another`)
    await page.getByRole("alert").getByText("This sign-in was not begun here").waitFor()
    await signIn(page, "carol")
  }, 120_000)

  it("tokens are renewed without a word; where that ends, the user signs in again and is where they were", async () => {
    provider.open({ pages: [on.url], seconds: 12 })
    const page = await on.page()
    await signIn(page, "dora")
    await page.startWith("erin")
    await page.field.fill("half a sentence")
    const before = renewals()
    while (renewals() < before + 2) await page.drawn()
    assert.strictEqual(await page.locator("form.banner").count(), 0)
    await page.ready()
    // A provider that is away does no harm as long as a token holds, and is asked again.
    provider.close()
    const away = renewals()
    while (renewals() < away + 1) await page.drawn()
    await page.banner("Your sign-in has ended.").getByText(`${host} `).waitFor({ timeout: 40_000 })
    provider.reopen()
    await page.locator("form.banner").waitFor({ state: "detached", timeout: 60_000 })
    await page.ready()
    // One that has forgotten the user asks them again.
    provider.open({ pages: [on.url] })
    await page.banner("Your sign-in").getByText(`${host} refuses the sign-in`).waitFor({ timeout: 60_000 })
    await screenshot(page, "openid-again")
    await page.getByRole("button", { name: "Sign in again" }).click()
    await signInThere(page, "dora")
    await page.ready()
    assert.strictEqual(await page.field.inputValue(), "half a sentence")
    await page.field.press("Enter")
    await page.ticked("half a sentence", "Sent")
  }, 180_000)
}, ...flags)
