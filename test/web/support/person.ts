/** The page as people use it, with words for what they do. */
import type { Locator, Page } from "playwright-core"
import type { Sample } from "./samples.ts"
import { drawn, settle } from "./settled.ts"

const words = (page: Page) => {
  const field = page.locator(".composer textarea")
  const log = page.locator(".log")
  const ready = page.locator(".link-ready")
  /** The message with this text, exactly. */
  const message = (text: string): Locator =>
    page.locator(".message", { has: page.locator(".text").and(page.getByText(text, { exact: true })) })
  /** "Sent" is what the server has: where others are here, it may have come to them before one looks. */
  const ticked = (text: string, tick: "Waiting to be sent" | "Sent" | "Delivered" | "Read") =>
    message(text).getByLabel(tick === "Sent" ? /^(Sent|Delivered|Read)$/ : tick, { exact: true })
      .waitFor({ timeout: 30_000 })
  const button = (name: string): Locator => page.getByRole("button", { name, exact: true })
  const dialog = page.getByRole("dialog")
  const isIn = (selector: string) =>
    page.waitForFunction((selector) => document.activeElement?.matches(selector), selector)
  const write = async (text: string) => {
    await field.fill(text)
    await field.press("Enter")
  }
  return {
    field,
    message,
    ticked,
    button,
    dialog,
    log,
    write,
    /** Writes it, and sees that the server has it. */
    say: async (text: string) => {
      await write(text)
      await ticked(text, "Sent")
    },
    /** Writes with keys or fingers. */
    post: async (text: string) => {
      await field.fill(text)
      await button("Send").click()
    },
    /** Chooses files as in the browser's dialog. */
    choose: (...files: ReadonlyArray<Sample>) => page.locator(".composer input[type=file]").setInputFiles([...files]),
    /** Lets go of them over this place, or pastes them into it. */
    hand: async (type: "drop" | "paste", selector: string, ...files: ReadonlyArray<Sample>) => {
      const data = await page.evaluateHandle((files) => {
        const data = new DataTransfer()
        for (const { base64, mimeType, name } of files) {
          const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
          data.items.add(new File([bytes], name, { type: mimeType }))
        }
        return data
      }, files.map(({ buffer, mimeType, name }) => ({ mimeType, name, base64: buffer.toString("base64") })))
      await page.locator(selector).evaluate((element, [type, data]) => {
        const options = { bubbles: true, cancelable: true }
        if (type === "paste") element.dispatchEvent(new ClipboardEvent(type, { ...options, clipboardData: data }))
        else {
          for (const each of ["dragenter", "dragover", type]) {
            element.dispatchEvent(new DragEvent(each, { ...options, dataTransfer: data }))
          }
        }
      }, [type, data] as const)
    },
    /** The place of one file in the tray. */
    inTray: (name: string): Locator => page.locator(".tray .upload", { hasText: name }),
    pictures: page.locator(".message .picture"),
    /** Hovers a message and presses one of its buttons; again where the list has moved under the pointer meanwhile. */
    act: async (text: string, action: string) => {
      const own = message(text)
      const pressed = () => own.getByRole("toolbar").getByRole("button", { name: action }).click({ timeout: 1_000 })
      for (let tries = 10; tries > 0; tries--) {
        await own.locator(".bubble").hover()
        if (await pressed().then(() => true, () => false)) return
      }
      throw new Error(`"${action}" of "${text}" cannot be pressed`)
    },
    texts: (): Promise<ReadonlyArray<string>> => page.locator(".message .text").allTextContents(),
    row: (name: string): Locator => page.locator("button.row", { hasText: name }),
    startWith: async (name: string) => {
      await button("New conversation").click()
      await dialog.getByLabel("Name").fill(name)
      await page.keyboard.press("Enter")
      await field.waitFor()
    },
    /** Connected; on a phone that is written beside the conversation, out of sight. */
    ready: () => ready.waitFor({ state: "attached" }),
    signIn: async (user: string) => {
      await page.getByLabel("Your name").fill(user)
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { level: 1, name: user, exact: true }).waitFor()
      await ready.waitFor()
    },
    /** To sign in, or a newer one. */
    showToken: async (token: string) => {
      await page.getByLabel("Token").fill(token)
      await page.keyboard.press("Enter")
    },
    /** Connects at once, unless that has just happened by itself. */
    tryNow: async () => {
      await Promise.race([
        button("Try now").click().catch(() => {}),
        page.locator(".banner").waitFor({ state: "detached" })
      ])
      await ready.waitFor({ state: "attached" })
    },
    banner: (text: string) => page.locator(".banner", { hasText: text }),
    /** Blocks whom one talks with, in the dialog about them. */
    block: async () => {
      await button("Contact details").click()
      await dialog.getByRole("button", { name: "Block", exact: true }).click()
      await dialog.getByRole("button", { name: "Unblock" }).waitFor()
    },
    /** Presses what cannot be undone, looks at the question, and means it. */
    sure: async (label: string, look: () => Promise<void> = async () => {}) => {
      await button(label).click()
      await look()
      await page.getByRole("group").getByRole("button", { name: label }).click()
    },
    /** Scrolls down to what was said last. */
    toEnd: () => log.evaluate((log) => log.scrollTo(0, log.scrollHeight)),
    /** Where the focus is, or will be. */
    isIn,
    /** Comes there with one key, in a few steps. */
    tabTo: async (selector: string, key = "Tab") => {
      for (let steps = 0; steps < 12 && await page.locator(`${selector}:focus`).count() === 0; steps++) {
        await page.keyboard.press(key)
      }
      await isIn(selector)
    },
    drawn: () => drawn(page)
  }
}

export type Person = Page & ReturnType<typeof words>

export const personAt = (page: Page): Person => {
  settle(page)
  return Object.assign(page, words(page))
}
