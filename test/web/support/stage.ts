/** A server, a browser and the people at both. */
import { Effect, Exit, Scope } from "effect"
import { SignJWT } from "jose"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core"
import { http, tlsArgs } from "../../support/overTls.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { launch } from "./browser.ts"
import { type Person, personAt } from "./person.ts"
import { connectRaw, type Raw } from "./raw.ts"

/** What a test needs, closed at its end. */
export interface Stage {
  readonly url: string
  /** Shows this token, or says the name where names are believed. */
  readonly raw: (user: string, token?: string) => Promise<Raw>
  /** The page as somebody sees it who has not signed in yet. */
  readonly page: (options?: BrowserContextOptions) => Promise<Person>
  /** The page of somebody who has signed in by name. */
  readonly person: (user: string, options?: BrowserContextOptions) => Promise<Person>
  /** Another tab of the same browser. */
  readonly tab: (beside: Person) => Promise<Person>
  /** Ends the server as a power cut would. */
  readonly cut: () => void
  /** A server on the same port and data. */
  readonly restart: () => Promise<void>
  /** Fails where a page reported an error, or tried what the policy forbids. */
  readonly close: () => Promise<void>
  /** Sends everybody with a page home. */
  readonly clear: () => Promise<void>
}

const secret = "a secret of the tests, at least 32 bytes long"

/** Flags of a server that believes no names. */
export const tokensOnly = ["--store", "memory", "--auth", "jwt", "--jwt-secret", secret]

export const token = (user: string, lasts = "1h"): Promise<string> =>
  new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setSubject(user).setIssuedAt().setExpirationTime(lasts)
    .sign(new TextEncoder().encode(secret))

/** `{directory}` in a flag is one that is gone when the stage is. */
const unlimited = "--max-messages-per-second 0 --max-messages-per-second-per-user 0 --reconnect-spread-ms 100".split(
  " "
)

const withoutWorker = () => {
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register = () => Promise.reject(new Error("Not in this test."))
  }
}

export const stage = async (...args: ReadonlyArray<string>): Promise<Stage> => {
  const scope = Scope.makeUnsafe()
  const directory = mkdtempSync(join(tmpdir(), "switchboard-"))
  const store = args.length === 0 ? ["--store", "memory", "--retain-messages", "100000"] : args
  const flags = [...unlimited, ...tlsArgs, ...store].map((flag) => flag.replace("{directory}", directory))
  const start = (...more: ReadonlyArray<string>) =>
    Effect.runPromise(startServer([...flags, ...more]).pipe(Scope.provide(scope)))
  let server = await start()
  const { port } = server
  const browser = await launch("pages")
  let windows: Promise<Browser> | undefined
  const browsers = async () => windows === undefined ? [browser] : [browser, await windows]
  const clients: Array<Raw> = []
  const errors: Array<string> = []
  const base = flags.includes("--base-path") ? flags[flags.indexOf("--base-path") + 1] : ""
  const url = `${http}://127.0.0.1:${port}${base}/`
  const open = async (context: BrowserContext) => {
    const page = await context.newPage()
    await page.goto(url)
    return personAt(page)
  }
  const page = async (options: BrowserContextOptions = {}) => {
    const place = options.permissions === undefined ? browser : await (windows ??= launch("windows"))
    const context = await place.newContext({
      viewport: { width: 1180, height: 760 },
      locale: "en-GB",
      // The certificate of these tests is nobody's.
      ignoreHTTPSErrors: true,
      ...options
    })
    context.setDefaultTimeout(10_000)
    // A page without one is what most tests are about; those of the service worker let it in.
    if (options.serviceWorkers !== "allow") await context.addInitScript(withoutWorker)
    context.on("weberror", (error) => errors.push(String(error.error())))
    context.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) errors.push(message.text())
      // Whoever opens the tools of their browser sees no complaint about where the focus goes either, if not from elsewhere.
      if (/autofocus/i.test(message.text()) && message.page()?.url().startsWith(url) === true) {
        errors.push(message.text())
      }
    })
    return open(context)
  }
  return {
    url,
    page,
    raw: async (user, token) => {
      const headers = token === undefined ? { "Phone-Number": user } : { authorization: `Bearer ${token}` }
      const client = await connectRaw(url, user, headers)
      clients.push(client)
      return client
    },
    person: async (user, options) => {
      const person = await page(options)
      await person.signIn(user)
      return person
    },
    tab: (beside) => open(beside.context()),
    cut: () => server.kill("SIGKILL"),
    restart: async () => {
      server = await start("--port", String(port))
    },
    clear: async () => {
      const contexts = (await browsers()).flatMap((each) => each.contexts())
      await Promise.all(contexts.map((context) => context.close()))
    },
    close: async () => {
      for (const client of clients) client.close()
      await Promise.all((await browsers()).map((each) => each.close()))
      await Effect.runPromise(Scope.close(scope, Exit.void))
      rmSync(directory, { recursive: true })
      if (errors.length > 0) throw new Error(errors.join("\n"))
    }
  }
}
