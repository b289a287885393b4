/** The page where it is not at the root of its server. */
import { assert, it } from "vitest"
import { overTls } from "../support/overTls.ts"
import { onStage } from "./support/onStage.ts"
import { picture } from "./support/samples.ts"
import { withWorker, workerReady } from "./support/worker.ts"

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
      await page.choose(picture("below.png"))
      await page.getByText("1 of 1 file uploaded").waitFor()
      await page.write("with a picture")
      await page.ticked("with a picture", "Sent")
      await page.reload()
      await page.message("and back").waitFor()
      await page.message("with a picture").locator(".picture.there").waitFor()
    })

    // A browser lets no worker in whose certificate is nobody's.
    it.skipIf(overTls !== undefined)(
      "is installed there, and opens without a network, for nothing beside it",
      async () => {
        const page = await on.person("carol", withWorker)
        await workerReady(page)
        const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope)
        assert.strictEqual(scope, on.url)
        assert.match(scope, /\/team\/chat\/$/)
        await page.startWith("bob")
        await page.write("before the tunnel")
        await page.ticked("before the tunnel", "Sent")
        await page.context().setOffline(true)
        on.cut()
        await page.reload()
        await page.getByText("You are offline.").waitFor()
        // What else is on that server is not the page's.
        await page.goto(new URL("/", on.url).href).then(
          () => assert.fail("there is no network"),
          (error: Error) => assert.match(error.message, /ERR_/)
        )
        await on.restart()
      }
    )
  },
  "--store",
  "memory",
  "--base-path",
  "/team/chat"
)
