/**
 * Whatever the connection does, nothing that somebody types is lost: every action in every state of the connection. What
 * is done waits where it can be seen, and has been done, once, when the connection is good again.
 */
import { SignJWT } from "jose"
import type { Page, WebSocketRoute } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { Entry } from "../../src/domain/Entry.ts"
import { hasBrowser, screenshot } from "./support/browser.ts"
import { act, field, message, type Stage, stage, startWith, write } from "./support/chat.ts"

const secret = "a secret of the tests, at least 32 bytes long"

const token = (user: string) =>
  new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret))

/** The line between page and server, which a test can hold, cut and end. */
const lineOf = async (page: Page) => {
  let open: WebSocketRoute | undefined
  let held = false
  await page.routeWebSocket(/\/ws/, (line) => {
    if (held) return void line.close({ code: 1013, reason: "held by the test" })
    open = line
    line.connectToServer()
  })
  return {
    /** From here on nobody comes through. */
    hold: () => void (held = true),
    release: () => void (held = false),
    say: (frame: object) => open?.send(JSON.stringify(frame)),
    end: (code: number, reason = "") => open?.close({ code, reason })
  }
}

type Line = Awaited<ReturnType<typeof lineOf>>

interface State {
  /** What can be done there; everything unless it says so. */
  readonly only?: ReadonlyArray<string>
  readonly enter: (page: Page, line: Line) => Promise<void>
  readonly leave: (page: Page, line: Line, user: string) => Promise<void>
}

const banner = (page: Page, text: string) => page.locator(".banner", { hasText: text })

const ready = (page: Page) => page.locator(".link-ready").waitFor()

const ended = (code: number, text: string): State => ({
  enter: async (page, line) => {
    line.end(code)
    await banner(page, text).waitFor()
  },
  leave: async (page) => {
    await page.getByRole("button", { name: "Connect again" }).click()
    await ready(page)
  }
})

const tryNow = async (page: Page, line: Line) => {
  line.release()
  // It may come back by itself just then.
  await page.getByRole("button", { name: "Try now" }).click({ timeout: 1_000 }).catch(() => {})
  await ready(page)
}

const states: Readonly<Record<string, State>> = {
  // Nothing is known yet of what was said before.
  opening: {
    only: ["send", "draft"],
    enter: async (page, line) => {
      line.hold()
      await page.reload()
      await field(page).waitFor()
    },
    leave: tryNow
  },
  open: { enter: async () => {}, leave: async () => {} },
  lost: {
    enter: async (page, line) => {
      line.hold()
      line.end(1011)
      await banner(page, "You are offline").waitFor()
    },
    leave: tryNow
  },
  "sign-in ended": {
    enter: async (page, line) => {
      await page.route("**/v1/tickets", (route) => route.fulfill({ status: 401, json: { detail: "It has expired." } }))
      line.end(4501)
      await banner(page, "Your sign-in has ended").waitFor()
    },
    leave: async (page, _, user) => {
      await page.unroute("**/v1/tickets")
      await page.getByLabel("New token").fill(await token(user))
      await page.getByLabel("New token").press("Enter")
      await ready(page)
    }
  },
  kicked: ended(4503, "An administrator ended this connection."),
  replaced: ended(4509, "This conversation was opened in another window."),
  "too fast": ended(4511, "You sent too much at once."),
  "server stopping": {
    enter: async (page, line) => {
      line.hold()
      line.say({ type: "draining", reconnect_after_ms: 60_000 })
      line.end(4001, "draining")
      await banner(page, "You are offline").waitFor()
    },
    leave: tryNow
  }
}

/** What is done in the state, by what the log of the server has to show afterwards. */
const actions = {
  send: async (page: Page) => {
    await write(page, "sent")
    await message(page, "sent").waitFor()
  },
  reply: async (page: Page) => {
    await act(page, "to be answered", "Reply")
    await write(page, "answered")
    await message(page, "answered").waitFor()
  },
  edit: async (page: Page) => {
    await act(page, "to be edited", "Edit")
    await write(page, "edited")
    await message(page, "edited").waitFor()
  },
  delete: async (page: Page) => {
    await act(page, "to be deleted", "Delete")
    await page.getByRole("button", { name: "Delete", exact: true }).click()
    await message(page, "to be deleted").waitFor({ state: "detached" })
  },
  react: async (page: Page) => {
    await act(page, "to be liked", "React")
    await page.getByRole("button", { name: "React with 👍" }).click()
    await page.getByRole("button", { name: /^👍 1/ }).waitFor()
  },
  draft: async (page: Page) => {
    await field(page).fill("half a sentence")
  }
}

/** How the log of the server shows it. */
const entries: Readonly<Record<Exclude<keyof typeof actions, "draft">, (entry: Entry) => boolean>> = {
  send: (entry) => entry.kind === "text" && entry.text === "sent",
  reply: (entry) => entry.kind === "text" && entry.text === "answered" && entry.reply_to === 1,
  edit: (entry) => entry.kind === "edit" && entry.text === "edited",
  delete: (entry) => entry.kind === "delete" && entry.target === 3,
  react: (entry) => entry.kind === "reaction" && entry.target === 4
}

describe.skipIf(!hasBrowser)("what is typed in each state of the connection", () => {
  let on: Stage
  beforeAll(async () => {
    on = await stage("--store", "memory", "--auth", "jwt", "--jwt-secret", secret)
  })
  afterAll(() => on.close())

  for (const [name, { enter, leave, only }] of Object.entries(states)) {
    describe(name, () => {
      const user = name.replaceAll(" ", "-")
      const possible = Object.entries(actions).filter(([action]) => only === undefined || only.includes(action))
      const done = new Set<string>()
      let draft = ""

      beforeAll(async () => {
        const page = await on.page()
        const line = await lineOf(page)
        await page.getByLabel("Token").fill(await token(user))
        await page.keyboard.press("Enter")
        await startWith(page, "bob")
        for (const text of ["to be answered", "to be edited", "to be deleted", "to be liked"]) {
          await write(page, text)
          await message(page, text).getByLabel("Sent", { exact: true }).waitFor()
        }
        await enter(page, line)
        for (const [action, run] of possible) {
          // In the state that is to be tried, however long one action takes.
          await run(page).then(
            () => done.add(`${action}: shown`),
            (error: Error) => void done.add(`${action}: ${error.message}`)
          )
        }
        await screenshot(page, `state-${user}`)
        await leave(page, line, user)
        await message(page, "sent").getByLabel("Sent", { exact: true }).waitFor()
        await page.waitForFunction(() =>
          document.querySelector(".message.waiting") === null &&
          Object.keys(localStorage).every((key) => !key.startsWith("switchboard.change."))
        )
        draft = await field(page).inputValue()
        await page.reload()
        await field(page).waitFor()
        draft = draft === await field(page).inputValue() ? draft : "another after the reload"
        const bob = await on.raw("bob", await token("bob"))
        const log = await bob.ask({ type: "history", recipient: user, after: 0, limit: 100 })
        if (log.type !== "history_page") assert.fail(JSON.stringify(log))
        for (const [action, is] of Object.entries(entries)) {
          if (log.messages.filter(is).length === 1) done.add(`${action}: made once`)
        }
        await page.close()
      })

      for (const [action] of possible) {
        it(action, () => {
          assert.include(Array.from(done), `${action}: shown`)
          if (action === "draft") assert.strictEqual(draft, "half a sentence")
          else assert.include(Array.from(done), `${action}: made once`)
        })
      }
    })
  }
})
