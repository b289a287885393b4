/** The page at night and by day, on a desk and on a phone, with a policy that lets axe in. */
import type { BrowserContextOptions, Page } from "playwright-core"
import { phone } from "./browser.ts"

export const looks = ([["390", phone], ["1180", {}]] as const).flatMap(([size, options]) =>
  (["light", "dark"] as const).map((colorScheme) => ({
    at: `${size}-${colorScheme}`,
    narrow: size === "390",
    options: { ...options, colorScheme, bypassCSP: true } as BrowserContextOptions
  }))
)

/** How many dialogs, logs or pages can be moved sideways; what is too wide for them is cut off. */
export const tooWide = (page: Page): Promise<number> =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll("html, .log, dialog"))
      .filter((each) => each.scrollWidth > each.clientWidth).length
  )
