/**
 * Renews the README's pictures from the page as it is: `npm run pictures`. With a directory, `npm run pictures -- dir`, it
 * puts the same scene there at three widths, light and dark, for people to look at before a release.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { BrowserContextOptions, Page } from "playwright-core"
import { phone } from "./browser.ts"
import { field, message, type Raw, row, signIn, stage } from "./chat.ts"

const directory = process.argv[2]

const code = "```\nnpm run bench -- relay\n```"

const fill = async (raw: (user: string) => Promise<Raw>) => {
  const [alice, bob, carol, ken] = await Promise.all(["alice", "bob", "carol", "kobayashi"].map((user) => raw(user)))
  const made = await alice!.ask({ type: "create_group", name: "Harbour", members: ["bob", "carol", "kobayashi"] })
  const group = "group" in made ? made.group : ""
  const say = async (who: Raw, text: string, more: object = {}) => {
    const answer = await who.ask({ type: "chat_message", group, text, ...more })
    return "seq" in answer ? answer.seq as number : 0
  }
  await say(bob!, "Morning! The ferry is an hour late, so we have time.")
  const asked = await say(carol!, "Then let us measure once more before we ship.")
  await say(alice!, `On it:\n${code}`, { reply_to: asked })
  await say(ken!, "了解です。船が着いたら知らせます ⛴️")
  const last = await say(carol!, "1.4 or better and I bring the cake 🍰")
  await alice!.ask({ type: "react", group, seq: last, emoji: "🎉", op: "add" })
  await bob!.ask({ type: "react", group, seq: last, emoji: "🎉", op: "add" })
  for (const [who, text] of [["dora", "See you on Friday."], ["erik", "The invoice is in your inbox."]] as const) {
    await (await raw(who)).tell("alice", text)
  }
  await carol!.tell("alice", "Do you have the key of the shed?")
  for (const each of [bob!, carol!, ken!]) each.say({ type: "read", conversation: `group:${group}`, up_to: last + 2 })
  return { group, last, carol: carol!, bob: bob! }
}

/** The scene: signed in, the group open, one conversation unread. */
const scene = async (page: Page) => {
  await signIn(page, "alice")
  // A mouse that rests on a message shows what can be done with it; a finger does not.
  if (await page.evaluate(() => matchMedia("(hover: none)").matches)) await row(page, "Harbour").tap()
  else await row(page, "Harbour").click()
  await message(page, "1.4 or better and I bring the cake 🍰").waitFor()
  await field(page).fill("Chocolate, please")
  await page.evaluate(() => document.fonts.ready)
}

const shoot = async (page: Page, path: string) => {
  await page.screenshot({ path, animations: "disabled", caret: "hide" })
}

const views: Record<string, BrowserContextOptions> = {
  "390-light": { ...phone, colorScheme: "light" },
  "390-dark": { ...phone, colorScheme: "dark" },
  "1200-light": { viewport: { width: 1_200, height: 780 }, colorScheme: "light" },
  "1200-dark": { viewport: { width: 1_200, height: 780 }, colorScheme: "dark" },
  "1920-light": { viewport: { width: 1_920, height: 1_080 }, colorScheme: "light" },
  "1920-dark": { viewport: { width: 1_920, height: 1_080 }, colorScheme: "dark" }
}

const on = await stage("--store", "memory")
try {
  await fill(on.raw)
  if (directory === undefined) {
    const images = new URL("../../../docs/images/", import.meta.url).pathname
    const wide = await on.page({ viewport: { width: 1_120, height: 700 }, colorScheme: "light" })
    await scene(wide)
    await shoot(wide, join(images, "page-light.png"))
    const small = await on.page({ ...phone, viewport: { width: 390, height: 780 }, colorScheme: "dark" })
    await scene(small)
    await shoot(small, join(images, "page-dark-phone.png"))
  } else {
    mkdirSync(directory, { recursive: true })
    for (const [name, options] of Object.entries(views)) {
      const page = await on.page(options)
      await scene(page)
      await shoot(page, join(directory, `${name}-group.png`))
      if (name.startsWith("390")) {
        await page.getByRole("button", { name: "Back" }).click()
        await row(page, "Harbour").waitFor()
        await shoot(page, join(directory, `${name}-list.png`))
      }
    }
  }
} finally {
  await on.close()
}
