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
import { png } from "./samples.ts"
import { stage } from "./stage.ts"

const directory = process.argv[2]

const code = "```\nnpm run bench -- relay\n```"

/** As they are shown; those with a hue have a picture. */
const people: Readonly<Record<string, { readonly name: string; readonly hue?: number }>> = {
  alice: { name: "Alice Moreau" },
  bob: { name: "Bob Berg", hue: 60 },
  carol: { name: "Carol Ito" },
  kobayashi: { name: "小林 健", hue: -70 },
  dora: { name: "Dora Lindqvist", hue: 120 },
  erik: { name: "Erik Sand" }
}

const fill = async (raw: (user: string) => Promise<Raw>) => {
  const known = async (user: string): Promise<Raw> => {
    const one = await raw(user)
    const { hue, name } = people[user]!
    const avatar = hue === undefined ? undefined : await one.upload("me.png", "image/png", png(256, 256, hue))
    await one.ask({ type: "set_profile", name, ...(avatar === undefined ? undefined : { avatar }) })
    return one
  }
  const [alice, bob, carol, ken] = [
    await known("alice"),
    await known("bob"),
    await known("carol"),
    await known("kobayashi")
  ]
  const group = await alice.makeGroup("Harbour", "bob", "carol", "kobayashi")
  await bob.tell(group, "Morning! The ferry is **an hour late**, so we have time.")
  const asked = await carol.tell(group, "@Alice Moreau then let us measure once more before we ship.", {
    mentions: ["alice"]
  })
  await alice.tell(group, `On it:\n${code}`, { reply_to: asked })
  const evening = await ken.upload("evening.png", "image/png", png(640, 220))
  await ken.tell(group, "了解です。船が着いたら知らせます ⛴️", {
    attachments: [{ file: evening, width: 640, height: 220 }]
  })
  const last = await carol.tell(group, "1.4 or better and I bring the cake 🍰")
  for (const each of [alice, bob]) await each.ask({ type: "react", group: group.group, seq: last, emoji: "🎉" })
  for (const [who, text] of [["dora", "See you on Friday."], ["erik", "The invoice is in your inbox."]] as const) {
    await (await known(who)).tell("alice", text)
  }
  await carol.tell("alice", "Do you have the key of the shed?")
  await alice.ask({ type: "mute", recipient: "erik" })
  for (const each of [bob, carol, ken]) each.say({ type: "read", conversation: group.conversation, up_to: last + 2 })
}

/** The scene: signed in, the group open, one conversation unread. */
const scene = async (options: BrowserContextOptions): Promise<Person> => {
  const page = await on.page(options)
  await page.getByLabel("Your name").fill("alice")
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { level: 1, name: "Alice Moreau" }).waitFor()
  await page.ready()
  const harbour = page.row("Harbour")
  // A mouse that rests on a message shows what can be done with it; a finger does not.
  await (options.hasTouch === true ? harbour.tap() : harbour.click())
  await page.message("1.4 or better and I bring the cake 🍰").waitFor()
  await page.locator(".picture.there").waitFor()
  await page.field.fill("Chocolate, please")
  await page.toEnd()
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
