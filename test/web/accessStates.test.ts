/** Every state of the page, at night and by day, on a desk and on a phone: axe finds nothing at all in any of them. */
import { SignJWT } from "jose"
import type { BrowserContextOptions, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { findings } from "./support/axe.ts"
import { hasBrowser, phone, screenshot } from "./support/browser.ts"
import { act, field, message, type Raw, row, signIn, type Stage, stage, startWith } from "./support/chat.ts"

const secret = "a secret of the tests, at least 32 bytes long"

const token = (user: string) =>
  new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setSubject(user).setIssuedAt().setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret))

const sizes: Readonly<Record<string, BrowserContextOptions>> = {
  "390": phone,
  "1180": { viewport: { width: 1180, height: 760 } }
}

// On a phone it is beside the conversation, out of sight.
const ready = (page: Page) => page.locator(".link-ready").waitFor({ state: "attached" })

/** Writes with keys or fingers. */
const post = async (page: Page, text: string) => {
  await field(page).fill(text)
  await page.getByRole("button", { name: "Send" }).click()
}

/** Looks at the page as it is; the name is also that of its picture. */
const clean = async (page: Page, name: string) => {
  await screenshot(page, name)
  assert.deepStrictEqual(await findings(page), [], name)
}

describe.skipIf(!hasBrowser)("every state of the page", () => {
  let on: Stage
  let bob: Raw
  let carol: Raw
  beforeAll(async () => {
    on = await stage()
    bob = await on.raw("bob")
    carol = await on.raw("carol")
  })
  afterAll(() => on.close())

  for (const [size, options] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const at = `${size}-${colorScheme}`
      const narrow = size === "390"
      const open = () => on.page({ ...options, colorScheme, bypassCSP: true })
      const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click()
      const toList = async (page: Page) => {
        if (narrow) await press(page, "Back to conversations")
      }

      it(`${at}: signing in, an empty page, the dialogs with problems`, async () => {
        const page = await open()
        await clean(page, `${at}-sign-in`)
        await page.keyboard.type("not a name")
        await page.keyboard.press("Enter")
        await page.getByRole("alert").waitFor()
        await clean(page, `${at}-sign-in-problem`)
        await signIn(page, `empty-${at}`)
        await page.getByText("Nobody has written to you yet").waitFor()
        await clean(page, `${at}-empty`)
        await press(page, "New conversation")
        await page.getByRole("dialog").getByLabel("Name").fill("not a name")
        await page.keyboard.press("Enter")
        await page.getByRole("dialog").getByRole("alert").getByText(/letters/).waitFor()
        await clean(page, `${at}-new-conversation-problem`)
        await page.keyboard.press("Escape")
        await press(page, "New group")
        await page.getByRole("dialog").getByLabel("Name of the group").fill("Harbour")
        await page.getByRole("dialog").getByRole("textbox", { name: "Members" }).fill("not,,!")
        await page.keyboard.press("Enter")
        await clean(page, `${at}-new-group`)
        await page.getByRole("dialog").getByRole("textbox", { name: "Members" }).fill("bob")
        await page.keyboard.press("Enter")
        await press(page, "Create group")
        await field(page).waitFor()
        await press(page, "Group details")
        await page.getByRole("dialog").getByText("2 members").waitFor()
        await clean(page, `${at}-group-details`)
        await page.getByRole("dialog").getByRole("button", { name: "Leave group" }).click()
        await clean(page, `${at}-leave`)
        await page.getByRole("dialog").getByRole("group").getByRole("button", { name: "Leave group" }).click()
        await page.getByRole("dialog").getByText("You are the last owner").waitFor()
        await clean(page, `${at}-dialog-problem`)
      })

      it(`${at}: a group with what is new, replies, code, reactions and readers; blocked; offline`, async () => {
        const me = `una-${at}`
        const made = await bob.ask({ type: "create_group", name: "Harbour", members: ["carol", me], history: "all" })
        const group = made.type === "group_info" ? made.group : ""
        const say = (from: Raw, text: string, more: object = {}) =>
          from.ask({ type: "chat_message", group, text, ...more })
        for (let i = 1; i <= 12; i++) await say(i % 2 === 0 ? bob : carol, `seen ${i}`)
        const page = await open()
        await signIn(page, me)
        await row(page, "Harbour").click()
        await message(page, "seen 12").scrollIntoViewIfNeeded()
        await page.locator(".log").evaluate((log) => log.scrollTo(0, log.scrollHeight))
        await page.waitForFunction(() => document.querySelector(".row .badge") === null)
        await toList(page)
        await startWith(page, "bob")
        await post(page, "你好 — 안녕 こんにちは 👋🏽")
        await toList(page)
        await say(carol, "run `npm ci` first\n```js\nconst answer = 42\n```", { reply_to: 2 })
        for (let i = 1; i <= 20; i++) await say(i % 2 === 0 ? bob : carol, `new ${i}`)
        await row(page, "Harbour").locator(".badge").waitFor()
        await clean(page, `${at}-list`)
        await row(page, "Harbour").click()
        await page.getByRole("separator", { name: "New messages" }).waitFor()
        await clean(page, `${at}-unread`)
        await post(page, "have you all seen it?")
        await message(page, "have you all seen it?").getByLabel(/Sent|Delivered/).first().waitFor()
        const heard = await carol.until((frame) => frame.type === "incoming_message" && frame.sender === me)
        if (heard.type === "incoming_message") {
          carol.say({ type: "read", conversation: heard.conversation, up_to: heard.seq })
          await carol.ask({ type: "react", conversation: heard.conversation, seq: heard.seq, emoji: "👍" })
        }
        await page.getByRole("button", { name: "👍 1: carol" }).waitFor()
        const press = async (text: string, action: string) => {
          if (!narrow) return act(page, text, action)
          await message(page, text).locator(".bubble").tap({ position: { x: 8, y: 8 } })
          await page.getByRole("toolbar").getByRole("button", { name: action }).tap()
        }
        await press("have you all seen it?", "Who has read it")
        await page.getByText(/Read by/).waitFor()
        await clean(page, `${at}-readers`)
        await page.getByRole("button", { name: "Close" }).click()
        await press("have you all seen it?", "Delete")
        await clean(page, `${at}-delete`)
        await page.getByRole("button", { name: "Keep" }).click()
        await press("new 20", "React")
        await clean(page, `${at}-react`)
        await page.keyboard.press("Escape")
        await press("new 20", "Reply")
        await clean(page, `${at}-reply`)
        await page.keyboard.press("Escape")
        await toList(page)
        await row(page, "bob").click()
        await page.getByRole("button", { name: "Contact details" }).click()
        await page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click()
        await page.getByRole("dialog").getByRole("button", { name: "Unblock" }).waitFor()
        await clean(page, `${at}-contact`)
        await page.keyboard.press("Escape")
        await page.getByText("You blocked bob.").waitFor()
        await say(bob, "while blocked")
        await say(carol, "what did you say?")
        await toList(page)
        await row(page, "Harbour").click()
        await message(page, "Hidden while you had them blocked").first().waitFor()
        await clean(page, `${at}-blocked`)
        await page.context().setOffline(true)
        await page.evaluate(() => dispatchEvent(new Event("offline")))
        await post(page, "waits for the connection")
        await message(page, "waits for the connection").waitFor()
        await clean(page, `${at}-waiting`)
      })
    }
  }
})

describe.skipIf(!hasBrowser)("the ends of a session", () => {
  let on: Stage
  beforeAll(async () => {
    on = await stage("--store", "memory", "--auth", "jwt", "--jwt-secret", secret)
  })
  afterAll(() => on.close())

  for (const [size, options] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const at = `${size}-${colorScheme}`
      it(`${at}: offline, sign-in ended, kicked`, async () => {
        const page = await on.page({ ...options, colorScheme, bypassCSP: true })
        let line: { readonly close: (options: { code: number }) => void } | undefined
        let held = false
        await page.routeWebSocket(/\/ws/, (route) => {
          if (held) return void route.close({ code: 1013 })
          line = route
          route.connectToServer()
        })
        await clean(page, `${at}-token`)
        await page.getByLabel("Token").fill(await token(`kim-${at}`))
        await page.keyboard.press("Enter")
        await ready(page)
        await startWith(page, "bob")
        await post(page, "hello")
        await message(page, "hello").getByLabel("Sent", { exact: true }).waitFor()
        held = true
        line?.close({ code: 1011 })
        await page.locator(".banner", { hasText: "You are offline" }).waitFor()
        await post(page, "later")
        await message(page, "later").waitFor()
        await clean(page, `${at}-offline`)
        held = false
        await page.getByRole("button", { name: "Try now" }).click({ timeout: 1_000 }).catch(() => {})
        await message(page, "later").getByLabel("Sent", { exact: true }).waitFor()
        line?.close({ code: 4503 })
        await page.locator(".banner", { hasText: "An administrator" }).waitFor()
        await clean(page, `${at}-kicked`)
        await page.getByRole("button", { name: "Connect again" }).click()
        await ready(page)
        // The focus is where one goes on.
        await page.waitForFunction(() => document.activeElement !== document.body)
        await page.route(
          "**/v1/tickets",
          (route) => route.fulfill({ status: 401, json: { detail: "It has expired." } })
        )
        line?.close({ code: 4501 })
        await page.locator(".banner", { hasText: "Your sign-in has ended" }).waitFor()
        await page.getByLabel("New token").fill("no token")
        await page.getByLabel("New token").press("Enter")
        await page.locator("#token-problem").waitFor()
        await clean(page, `${at}-ended`)
      })
    }
  }
})
