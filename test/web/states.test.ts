/**
 * Whatever the connection does, nothing that somebody types is lost: every action in every state of the connection. What
 * is done waits where it can be seen, and has been done, once, when the connection is good again.
 */
import { assert, it } from "vitest"
import type { Entry } from "../../src/domain/Entry.ts"
import { screenshot } from "./support/browser.ts"
import { comesTrue } from "./support/comesTrue.ts"
import { type Line, lineOf } from "./support/line.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import { picture } from "./support/samples.ts"
import { token, tokensOnly } from "./support/stage.ts"

interface State {
  /** What can be done there; everything unless it says so. */
  readonly only?: Actions
  readonly enter: (page: Person, line: Line) => Promise<void>
  readonly leave: (page: Person, line: Line, user: string) => Promise<void>
}

const ended = (code: number, text: string): State => ({
  enter: async (page, line) => {
    line.end(code)
    await page.banner(text).waitFor()
  },
  leave: async (page) => {
    await page.button("Connect again").click()
    await page.ready()
  }
})

/** Comes back by itself, or at once. */
const tryNow = async (page: Person, line: Line) => {
  line.release()
  await page.tryNow()
}

const states: Readonly<Record<string, State>> = {
  // Nothing is known yet of what was said before.
  opening: {
    only: ["send", "file", "draft"],
    enter: async (page, line) => {
      line.hold()
      await page.reload()
      await page.field.waitFor()
    },
    leave: tryNow
  },
  open: { enter: async () => {}, leave: async () => {} },
  lost: {
    enter: async (page, line) => {
      line.hold()
      line.end(1011)
      await page.banner("You are offline").waitFor()
    },
    leave: tryNow
  },
  "sign-in ended": {
    enter: async (page, line) => {
      await page.route("**/v1/tickets", (route) => route.fulfill({ status: 401, json: { detail: "It has expired." } }))
      line.end(4501)
      await page.banner("Your sign-in has ended").waitFor()
    },
    leave: async (page, _, user) => {
      await page.unroute("**/v1/tickets")
      await page.showToken(await token(user))
      await page.ready()
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
      await page.banner("You are offline").waitFor()
    },
    leave: tryNow
  },
  // Another server takes over in the middle of it all, and nobody is told.
  "changing servers": {
    enter: async (page, line) => {
      await page.evaluate(() => {
        new MutationObserver(() => {
          if (document.querySelector(".banner") !== null) document.documentElement.dataset["told"] = "yes"
        }).observe(document.body, { childList: true, subtree: true })
      })
      line.say({ type: "draining", reconnect_after_ms: 300 })
    },
    leave: async (page, line) => {
      // It is ready on the old line, too.
      await comesTrue(async () => line.opened() > 1)
      await page.ready()
      assert.strictEqual(line.opened(), 2)
      assert.isNull(await page.locator("html").getAttribute("data-told"))
    }
  }
}

/** What is done in the state, by what the log of the server has to show afterwards. */
const actions = {
  send: async (page: Person) => {
    await page.write("sent")
    await page.message("sent").waitFor()
  },
  reply: async (page: Person) => {
    await page.act("to be answered", "Reply")
    await page.write("answered")
    await page.message("answered").waitFor()
  },
  edit: async (page: Person) => {
    await page.act("to be edited", "Edit")
    await page.write("edited")
    await page.message("edited").waitFor()
  },
  delete: async (page: Person) => {
    await page.act("to be deleted", "Delete")
    await page.button("Delete").click()
    await page.message("to be deleted").waitFor({ state: "detached" })
  },
  react: async (page: Person) => {
    await page.act("to be liked", "React")
    await page.button("React with 👍").click()
    await page.getByRole("button", { name: /^👍 1/ }).waitFor()
  },
  file: async (page: Person) => {
    await page.choose(picture("a.png"))
    await page.inTray("a.png").waitFor()
    await page.write("with a picture")
    await page.message("with a picture").waitFor()
  },
  draft: async (page: Person) => {
    await page.field.fill("half a sentence")
  }
}

type Actions = ReadonlyArray<keyof typeof actions>

/** How the log of the server shows it. */
const entries: Readonly<Record<Exclude<keyof typeof actions, "draft">, (entry: Entry) => boolean>> = {
  send: (entry) => entry.kind === "text" && entry.text === "sent",
  file: (entry) => entry.kind === "text" && entry.text === "with a picture" && entry.attachments?.[0]?.width === 60,
  reply: (entry) => entry.kind === "text" && entry.text === "answered" && entry.reply_to === 1,
  edit: (entry) => entry.kind === "edit" && entry.text === "edited",
  delete: (entry) => entry.kind === "delete" && entry.target === 3,
  react: (entry) => entry.kind === "reaction" && entry.target === 4
}

onStage("what is typed in each state of the connection is shown, and made once when it is good again", (on) => {
  it.each(Object.entries(states))("%s", async (name, { enter, leave, only = Object.keys(actions) as Actions }) => {
    const user = name.replaceAll(" ", "-")
    const page = await on.page()
    const line = await lineOf(page)
    await page.showToken(await token(user))
    await page.startWith("bob")
    for (const text of ["to be answered", "to be edited", "to be deleted", "to be liked"]) await page.say(text)
    await enter(page, line)
    for (const action of only) await actions[action](page)
    await screenshot(page, `state-${user}`)
    await leave(page, line, user)
    await page.ticked("sent", "Sent")
    await page.ticked("with a picture", "Sent")
    await page.waitForFunction(() =>
      document.querySelector(".message.waiting") === null &&
      Object.keys(localStorage).every((key) => !key.startsWith("switchboard.change."))
    )
    assert.strictEqual(await page.field.inputValue(), "half a sentence")
    await page.reload()
    await page.field.waitFor()
    assert.strictEqual(await page.field.inputValue(), "half a sentence")
    const bob = await on.raw("bob", await token("bob"))
    const log = await bob.ask({ type: "history", recipient: user, after: 0, limit: 100 })
    if (log.type !== "history_page") return assert.fail(JSON.stringify(log))
    for (const action of only.filter((each) => each !== "draft")) {
      assert.lengthOf(log.messages.filter(entries[action]), 1, action)
    }
  })
}, ...tokensOnly)
