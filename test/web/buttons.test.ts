/** examples/buttons in a real browser: its own page, with the typed client, shows the buttons and sends what is clicked. */
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { expect, it } from "vitest"
import { app } from "../../examples/buttons/main.ts"
import { hasBrowser, launch } from "./support/browser.ts"

/** The source in the place of what was built of it. */
const fromSource = { resolve: { conditions: ["switchboard-source", "module", "browser", "import", "default"] } }

it.skipIf(!hasBrowser)("a click on a button of the bot is a message, which it answers", () =>
  Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const port = address._tag === "UnixPathAddress" ? 0 : address.port
    yield* Effect.promise(async () => {
      const browser = await launch("pages")
      try {
        const page = await browser.newPage()
        const errors: Array<string> = []
        page.on("pageerror", (error) => errors.push(error.message))
        await page.goto(`http://127.0.0.1:${port}/?user=alice`)
        await page.getByRole("textbox", { name: "Say something" }).fill("hello")
        await page.getByRole("button", { name: "Send" }).click()
        await page.getByRole("button", { name: "Coffee" }).click()
        await page.getByText("One coffee, it is on its way.").waitFor()
        const lines = await page.getByRole("listitem").allInnerTexts()
        expect(lines.map((line) => line.replaceAll(/\s+/g, " ").trim())).toEqual([
          "alice: hello",
          "waiter: What may I bring you? TeaCoffee",
          "alice: Coffee",
          "waiter: One coffee, it is on its way."
        ])
        expect(errors).toEqual([])
      } finally {
        await browser.close()
      }
    })
  }).pipe(Effect.scoped, Effect.provide(Layer.fresh(app(0, fromSource))), Effect.runPromise))
