/**
 * Playwright waits before it clicks, until what is clicked stays where it is, and neither before it types nor before it
 * reads. With this it does: two frames later, whatever was done before is drawn.
 */
import type { Locator, Page } from "playwright-core"

/** Longer than any two frames; a page that is not drawn at all has none. */
const mostMillis = 1_000

/** Until what was asked for is drawn. */
export const drawn = async (page: Page): Promise<void> => {
  const frames = page.evaluate(() =>
    new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))
  )
  let late: NodeJS.Timeout | undefined
  // A page that is gone or goes elsewhere is left to what was to be done with it.
  await Promise.race([frames.catch(() => {}), new Promise((resolve) => late = setTimeout(resolve, mostMillis))])
  clearTimeout(late)
}

const typing = ["fill", "press", "pressSequentially"] as const
const reading = [
  "all",
  "allInnerTexts",
  "allTextContents",
  "count",
  "evaluate",
  "getAttribute",
  "innerText",
  "inputValue",
  "isChecked",
  "isDisabled",
  "isEnabled",
  "isVisible",
  "textContent"
] as const

/** Of whatever has them: before any of them, what happened before is drawn. */
const after = <Self extends object>(
  self: Self,
  names: ReadonlyArray<keyof Self & string>,
  pageOf: (self: Self) => Page
) => {
  for (const name of names) {
    const method = self[name] as (...args: Array<unknown>) => Promise<unknown>
    const settled = async function(this: Self, ...args: Array<unknown>) {
      await drawn(pageOf(this))
      return method.apply(this, args)
    }
    Object.defineProperty(self, name, { configurable: true, writable: true, value: settled })
  }
}

let hasLocators = false

/** The keyboard of this page, and every place of every page of this process. */
export const settle = (page: Page): void => {
  after(page.keyboard, ["press", "type"], () => page)
  if (hasLocators) return
  hasLocators = true
  after(Object.getPrototypeOf(page.locator("html")) as Locator, [...typing, ...reading], (place) => place.page())
}
