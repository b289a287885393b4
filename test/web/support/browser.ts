/** Debian's Chromium, one process per file of tests; without its windows, unless somebody needs them. */
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { root } from "../../support/ServerProcess.ts"

const executablePath = process.env["SWITCHBOARD_CHROMIUM"] ?? "/usr/bin/chromium"

export const hasBrowser = existsSync(executablePath)

/** The same engine. Windows that nobody sees are three quarters of what a page costs. */
const shell = process.env["SWITCHBOARD_CHROMIUM_SHELL"] ?? "/usr/bin/chromium-headless-shell"
const lightest = existsSync(shell) ? shell : executablePath

if (!hasBrowser) {
  const message = `No Chromium at ${executablePath}: the tests of the page cannot run.`
  // CI installs one, so there its absence is a failure and not a reason to skip.
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

/** Notifications, for instance, are had only with its windows. */
export const launch = (of: "pages" | "windows"): Promise<Browser> =>
  chromium.launch({
    executablePath: of === "pages" ? lightest : executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })

/** Kept for people to look at. */
export const screenshot = async (page: Page, name: string): Promise<void> => {
  const directory = join(root, "test-artifacts")
  mkdirSync(directory, { recursive: true })
  await page.screenshot({ path: join(directory, `${name}.png`), animations: "disabled" })
}

export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true
}
