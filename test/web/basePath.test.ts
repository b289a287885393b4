/** The page where it is not at the root of its server. */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { hasBrowser } from "./support/browser.ts"
import { message, signIn, type Stage, stage, startWith, write } from "./support/chat.ts"

describe.skipIf(!hasBrowser)("the page under a path", () => {
  let on: Stage
  beforeAll(async () => {
    on = await stage("--store", "memory", "--base-path", "/team/chat")
  })
  afterAll(() => on.close())

  it("finds its files, its tickets and its socket there", async () => {
    const bob = await on.raw("bob")
    const page = await on.page()
    assert.match(page.url(), /\/team\/chat\/$/)
    await signIn(page, "alice")
    await startWith(page, "bob")
    await write(page, "hello from below")
    await bob.until((frame) => frame.type === "incoming_message" && frame.text === "hello from below")
    await bob.tell("alice", "and back")
    await message(page, "and back").waitFor()
    await page.reload()
    await message(page, "and back").waitFor()
    assert.deepStrictEqual(on.errors, [])
  })
})
