/** The page as people use it, a server for it, and others who talk without a page. */
import { Effect, Exit, Scope } from "effect"
import { randomUUID } from "node:crypto"
import type { BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core"
import { WebSocket } from "ws"
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { launch } from "./browser.ts"

export interface Raw {
  readonly user: string
  readonly say: (frame: object) => void
  /** Sends a frame and waits for what answers it. */
  readonly ask: (frame: object) => Promise<ServerFrame>
  readonly tell: (recipient: string, text: string) => Promise<number>
  /** The first frame so far or to come that fits. */
  readonly until: (fits: (frame: ServerFrame) => boolean) => Promise<ServerFrame>
  readonly seen: ReadonlyArray<ServerFrame>
}

const patience = 10_000

const rawClient = async (url: string, user: string, headers: Record<string, string>) => {
  const ws = new WebSocket(`${url.replace("http", "ws")}ws`, ["switchboard.v1"], { headers })
  const seen: Array<ServerFrame> = []
  const listeners = new Set<(frame: ServerFrame) => void>()
  ws.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as ServerFrame
    seen.push(frame)
    for (const listener of listeners) listener(frame)
  })
  const say = (frame: object) => ws.send(JSON.stringify(frame))
  const until = (fits: (frame: ServerFrame) => boolean) =>
    new Promise<ServerFrame>((resolve, reject) => {
      const found = seen.find(fits)
      if (found !== undefined) return resolve(found)
      const timer = setTimeout(() => reject(new Error(`${user} waited in vain; saw ${JSON.stringify(seen)}`)), patience)
      const listener = (frame: ServerFrame) => {
        if (!fits(frame)) return
        clearTimeout(timer)
        listeners.delete(listener)
        resolve(frame)
      }
      listeners.add(listener)
    })
  const ask = (frame: object) => {
    const id = randomUUID()
    say({ ...frame, id })
    return until((answer) => "id" in answer && answer.id === id)
  }
  await until(({ type }) => type === "welcome")
  const raw: Raw = {
    user,
    seen,
    say,
    until,
    ask,
    tell: async (recipient, text) => {
      const answer = await ask({ type: "chat_message", recipient, text })
      if (answer.type !== "message_accepted") throw new Error(JSON.stringify(answer))
      return answer.seq
    }
  }
  return { ...raw, close: () => ws.terminate() }
}

/** What a test needs, closed at its end. */
export interface Stage {
  readonly url: string
  readonly port: number
  /** Shows this token, or says the name where names are believed. */
  readonly raw: (user: string, token?: string) => Promise<Raw>
  readonly page: (options?: BrowserContextOptions) => Promise<Page>
  /** Ends the server as a power cut would. */
  readonly cut: () => void
  /** A server on the same port and data. */
  readonly restart: () => Promise<void>
  /** What pages reported as errors. */
  readonly errors: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

const unlimited = [
  "--max-messages-per-second",
  "0",
  "--max-messages-per-second-per-user",
  "0",
  "--reconnect-spread-ms",
  "100"
]

export const stage = async (...args: ReadonlyArray<string>): Promise<Stage> => {
  const flags = [...unlimited, ...(args.length === 0 ? ["--store", "memory", "--retain-messages", "100000"] : args)]
  const scope = Scope.makeUnsafe()
  const start = (more: ReadonlyArray<string> = []) =>
    Effect.runPromise(startServer([...flags, ...more]).pipe(Scope.provide(scope)))
  let server = await start()
  const { port } = server
  const browser = await launch()
  const contexts: Array<BrowserContext> = []
  const clients: Array<{ readonly close: () => void }> = []
  const errors: Array<string> = []
  const focusing: Array<string> = []
  const base = flags.includes("--base-path") ? flags[flags.indexOf("--base-path") + 1] : ""
  const url = `http://127.0.0.1:${port}${base}/`
  return {
    url,
    port,
    errors,
    raw: async (user, token) => {
      const headers = token === undefined ? { "Phone-Number": user } : { authorization: `Bearer ${token}` }
      const client = await rawClient(url, user, headers)
      clients.push(client)
      return client
    },
    page: async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1180, height: 760 }, locale: "en-GB", ...options })
      context.setDefaultTimeout(patience)
      contexts.push(context)
      context.on("weberror", (error) => errors.push(String(error.error())))
      context.on("console", (message) => {
        if (/autofocus/i.test(message.text())) focusing.push(message.text())
        if (/Content.Security.Policy/i.test(message.text())) errors.push(message.text())
      })
      const page = await context.newPage()
      await page.goto(url)
      return page
    },
    cut: () => server.kill("SIGKILL"),
    restart: async () => {
      server = await start(["--port", String(port)])
    },
    close: async () => {
      for (const client of clients) client.close()
      await browser.close()
      // Whoever opens the tools of their browser sees no complaint about where the focus goes.
      if (focusing.length > 0) throw new Error(focusing.join("\n"))
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

export const signIn = async (page: Page, user: string): Promise<void> => {
  await page.getByLabel("Your name").fill(user)
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { level: 1, name: user, exact: true }).waitFor()
  await page.locator(".link-ready").waitFor()
}

export const row = (page: Page, name: string): Locator => page.locator("button.row", { hasText: name })

export const startWith = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("button", { name: "New conversation" }).click()
  await page.getByRole("dialog").getByLabel("Name").fill(name)
  await page.keyboard.press("Enter")
  await field(page).waitFor()
}

export const field = (page: Page): Locator => page.locator(".composer textarea")

export const write = async (page: Page, text: string): Promise<void> => {
  await field(page).fill(text)
  await field(page).press("Enter")
}

/** The message with this text, exactly. */
export const message = (page: Page, text: string): Locator =>
  page.locator(".message", { has: page.locator(".text").and(page.getByText(text, { exact: true })) })

export const texts = (page: Page): Promise<ReadonlyArray<string>> => page.locator(".message .text").allTextContents()

/** Hovers it and presses one of its buttons. */
export const act = async (page: Page, text: string, action: string): Promise<void> => {
  await message(page, text).locator(".bubble").hover()
  await page.getByRole("toolbar").getByRole("button", { name: action }).click()
}
