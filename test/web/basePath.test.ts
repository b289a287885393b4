/** The page where it is not at the root of its server. */
import { assert, it } from "vitest"
import { onStage } from "./support/onStage.ts"

onStage(
  "the page under a path",
  (on) => {
    it("finds its files, its tickets and its socket there", async () => {
      const bob = await on.raw("bob")
      const page = await on.person("alice")
      assert.match(page.url(), /\/team\/chat\/$/)
      await page.startWith("bob")
      await page.write("hello from below")
      await bob.hears("hello from below")
      await bob.tell("alice", "and back")
      await page.message("and back").waitFor()
      await page.reload()
      await page.message("and back").waitFor()
    })
  },
  "--store",
  "memory",
  "--base-path",
  "/team/chat"
)
