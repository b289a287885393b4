/** The network and the server come and go; what was said arrives, once. */
import { Effect, Exit, Scope } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { temporaryDirectory } from "../support/stores.ts"
import { hasBrowser, screenshot } from "./support/browser.ts"
import { message, row, signIn, type Stage, stage, startWith, texts, write } from "./support/chat.ts"

describe.skipIf(!hasBrowser)("the page without a connection", () => {
  const scope = Scope.makeUnsafe()
  let on: Stage
  beforeAll(async () => {
    const directory = await Effect.runPromise(temporaryDirectory.pipe(Scope.provide(scope)))
    on = await stage("--data", `${directory}/chat.db`)
  })
  afterAll(async () => {
    await on.close()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  it("keeps what is said, says so, and delivers it once when the server is back", async () => {
    const page = await on.page()
    await signIn(page, "alice")
    await startWith(page, "bob")
    await write(page, "before")
    await message(page, "before").getByLabel("Sent", { exact: true }).waitFor()

    // Taking the network away leaves open sockets alone, so the other side ends them.
    await page.context().setOffline(true)
    on.cut()
    await page.getByText("You are offline. What you write now is sent later.").waitFor()
    await write(page, "first while away")
    await write(page, "second while away")
    await message(page, "second while away").getByLabel("Waiting to be sent").waitFor()
    await page.getByText("2 messages wait to be sent.").waitFor()
    await row(page, "bob").getByLabel("Waiting to be sent").waitFor()
    await screenshot(page, "offline")

    await on.restart()
    await page.context().setOffline(false)
    for (const text of ["first while away", "second while away"]) {
      await message(page, text).getByLabel("Sent", { exact: true }).waitFor({ timeout: 30_000 })
    }
    await page.locator(".banner").waitFor({ state: "detached" })
    assert.deepStrictEqual(await texts(page), ["before", "first while away", "second while away"])

    const bob = await on.raw("bob")
    const last = await bob.ask({ type: "history", recipient: "alice", after: 0 })
    assert.deepStrictEqual(
      last.type === "history_page" ? last.messages.map((entry) => entry.kind === "text" ? entry.text : entry.kind) : [],
      ["before", "first while away", "second while away"]
    )
    await bob.tell("alice", "welcome back")
    await message(page, "welcome back").waitFor()
  })

  it("a message that waits outlives the page, and what was missed is there afterwards", async () => {
    const page = await on.page()
    await signIn(page, "carol")
    await startWith(page, "bob")
    await write(page, "before")
    await message(page, "before").getByLabel("Sent", { exact: true }).waitFor()
    on.cut()
    await page.getByText("You are offline.").waitFor()
    await write(page, "said in the dark")
    await message(page, "said in the dark").getByLabel("Waiting to be sent").waitFor()
    await page.goto("about:blank")
    await on.restart()
    const bob = await on.raw("bob")
    await bob.tell("carol", "said meanwhile")
    await page.goto(on.url)
    await row(page, "bob").click()
    await message(page, "said in the dark").getByLabel("Sent", { exact: true }).waitFor()
    await message(page, "said meanwhile").waitFor()
    assert.sameMembers([...await texts(page)], ["before", "said meanwhile", "said in the dark"])
    await bob.until((frame) => frame.type === "incoming_message" && frame.text === "said in the dark")
  })
})
