/**
 * Renews the README's pictures from the page as it is: `npm run pictures`. With a directory, `npm run pictures -- dir`, it
 * puts the same scene there at three widths, light and dark, for people to look at before a release.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { BrowserContextOptions, Page } from "playwright-core"
import { phone } from "./browser.ts"
import type { Person } from "./person.ts"
import type { Raw } from "./raw.ts"
import { stage } from "./stage.ts"

const directory = process.argv[2]

const code = "```\nnpm run bench -- relay\n```"

const fill = async (raw: (user: string) => Promise<Raw>) => {
  const [alice, bob, carol, ken] = [await raw("alice"), await raw("bob"), await raw("carol"), await raw("kobayashi")]
  const group = await alice.makeGroup("Harbour", "bob", "carol", "kobayashi")
  await bob.tell(group, "Morning! The ferry is an hour late, so we have time.")
  const asked = await carol.tell(group, "Then let us measure once more before we ship.")
  await alice.tell(group, `On it:\n${code}`, { reply_to: asked })
  await ken.tell(group, "了解です。船が着いたら知らせます ⛴️")
  const last = await carol.tell(group, "1.4 or better and I bring the cake 🍰")
  for (const each of [alice, bob]) await each.ask({ type: "react", group: group.group, seq: last, emoji: "🎉" })
  for (const [who, text] of [["dora", "See you on Friday."], ["erik", "The invoice is in your inbox."]] as const) {
    await (await raw(who)).tell("alice", text)
  }
  await carol.tell("alice", "Do you have the key of the shed?")
  for (const each of [bob, carol, ken]) each.say({ type: "read", conversation: group.conversation, up_to: last + 2 })
}

/** The scene: signed in, the group open, one conversation unread. */
const scene = async (options: BrowserContextOptions): Promise<Person> => {
  const page = await on.person("alice", options)
  const harbour = page.row("Harbour")
  // A mouse that rests on a message shows what can be done with it; a finger does not.
  await (options.hasTouch === true ? harbour.tap() : harbour.click())
  await page.message("1.4 or better and I bring the cake 🍰").waitFor()
  await page.field.fill("Chocolate, please")
  await page.evaluate(() => document.fonts.ready)
  return page
}

const shoot = (page: Page, path: string) => page.screenshot({ path, animations: "disabled", caret: "hide" })

const sizes: Record<string, BrowserContextOptions> = {
  "390": phone,
  "1200": { viewport: { width: 1_200, height: 780 } },
  "1920": { viewport: { width: 1_920, height: 1_080 } }
}

const on = await stage("--store", "memory")
try {
  await fill(on.raw)
  if (directory === undefined) {
    const images = new URL("../../../docs/images/", import.meta.url).pathname
    const wide = await scene({ viewport: { width: 1_120, height: 700 }, colorScheme: "light" })
    await shoot(wide, join(images, "page-light.png"))
    const small = await scene({ ...phone, viewport: { width: 390, height: 780 }, colorScheme: "dark" })
    await shoot(small, join(images, "page-dark-phone.png"))
  } else {
    mkdirSync(directory, { recursive: true })
    for (const [size, options] of Object.entries(sizes)) {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await scene({ ...options, colorScheme })
        await shoot(page, join(directory, `${size}-${colorScheme}-group.png`))
        if (options !== phone) continue
        await page.button("Back to conversations").click()
        await page.row("Harbour").waitFor()
        await shoot(page, join(directory, `${size}-${colorScheme}-list.png`))
      }
    }
  }
} finally {
  await on.close()
}
