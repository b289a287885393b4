/** From a message to a notification of a browser whose page is closed: the server, the push service, the service worker. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as WebRoutes from "../../src/services/http/WebRoutes.ts"
import { eventually } from "../support/eventually.ts"
import { startPushService } from "../support/pushService.ts"
import { startTestServer } from "../support/TestServer.ts"
import { hasBrowser, launch } from "./support/browser.ts"
import { personAt } from "./support/person.ts"
import { connectRaw } from "./support/raw.ts"
import { notes, push, subscribesTo, withNotes, workerReady } from "./support/worker.ts"

const routes = Layer.provide(WebRoutes.layer, NodeServices.layer)

const browser = Effect.acquireRelease(
  Effect.promise(() => launch("windows")),
  (browser) => Effect.promise(() => browser.close())
)

it.live.skipIf(!hasBrowser)(
  "what is said while the page is closed comes to the browser, which alone can read it",
  () =>
    Effect.gen(function*() {
      const service = yield* startPushService
      const { port } = yield* startTestServer({ push: true, routes }).pipe(
        Effect.provide(service.settings)
      )
      const url = `http://127.0.0.1:${port}/`
      const context = yield* Effect.andThen(browser, (browser) => Effect.promise(() => browser.newContext(withNotes)))
      const page = personAt(yield* Effect.promise(() => context.newPage()))
      const bob = yield* Effect.promise(async () => {
        context.setDefaultTimeout(10_000)
        await subscribesTo(page, service.browser().subscription)
        await page.goto(url)
        await workerReady(page)
        await page.reload()
        await page.signIn("alice")
        await page.button("Notifications").click()
        await page.getByRole("switch", { name: "Notify me when the page is closed" }).click()
        await page.getByRole("switch", { name: "Notify me when the page is closed", checked: true }).waitFor()
        const bob = await connectRaw(url, "bob", { "Phone-Number": "bob" })
        await bob.ask({ type: "set_profile", name: "Bob Berg" })
        // Nothing of the page runs there.
        await page.goto(`${url}health`)
        await bob.tell("alice", "nobody is there")
        return bob
      })
      yield* eventually(Effect.sync(() => service.pushed.length > 0))
      yield* Effect.promise(async () => {
        const { payload } = service.pushed[0]!
        assert.deepInclude<object>(payload, { sender: "bob", sender_name: "Bob Berg", text: "nobody is there" })
        await push(page, JSON.stringify(payload))
        await page.goto(url)
        const [note] = await notes(page, 1)
        assert.deepStrictEqual([note?.title, note?.body], ["Bob Berg", "nobody is there"])
        // Read, it lies there no longer.
        await page.row("Bob Berg").click()
        await page.message("nobody is there").waitFor()
        await notes(page, 0)
        bob.close()
      })
      assert.deepStrictEqual(service.problems, [])
    }).pipe(Effect.scoped)
)
