/** The network and the server come and go; what was said arrives, once. */
import { assert, it } from "vitest"
import { onStage } from "./support/onStage.ts"

onStage(
  "the page without a connection",
  (on) => {
    it("keeps what is said, says so, and delivers it once when the server is back", async () => {
      const page = await on.person("alice")
      await page.startWith("bob")
      await page.say("before")

      // Taking the network away leaves open sockets alone, so the other side ends them.
      await page.context().setOffline(true)
      on.cut()
      await page.getByText("You are offline. What you write now is sent later.").waitFor()
      await page.write("first while away")
      await page.write("second while away")
      await page.ticked("second while away", "Waiting to be sent")
      await page.getByText("2 messages wait to be sent.").waitFor()
      await page.row("bob").getByLabel("Waiting to be sent").waitFor()

      await on.restart()
      await page.context().setOffline(false)
      for (const text of ["first while away", "second while away"]) await page.ticked(text, "Sent")
      await page.locator(".banner").waitFor({ state: "detached" })
      assert.deepStrictEqual(await page.texts(), ["before", "first while away", "second while away"])

      const bob = await on.raw("bob")
      const last = await bob.ask({ type: "history", recipient: "alice", after: 0 })
      assert.deepStrictEqual(
        last.type === "history_page"
          ? last.messages.map((entry) => entry.kind === "text" ? entry.text : entry.kind)
          : [],
        ["before", "first while away", "second while away"]
      )
      await bob.tell("alice", "welcome back")
      await page.message("welcome back").waitFor()
    })

    it("a message that waits outlives the page, and what was missed is there afterwards", async () => {
      const page = await on.person("carol")
      await page.startWith("bob")
      await page.say("before")
      on.cut()
      await page.getByText("You are offline.").waitFor()
      await page.write("said in the dark")
      await page.ticked("said in the dark", "Waiting to be sent")
      await page.goto("about:blank")
      await on.restart()
      const bob = await on.raw("bob")
      await bob.tell("carol", "said meanwhile")
      await page.goto(on.url)
      await page.row("bob").click()
      await page.ticked("said in the dark", "Sent")
      await page.message("said meanwhile").waitFor()
      assert.sameMembers([...await page.texts()], ["before", "said meanwhile", "said in the dark"])
      await bob.hears("said in the dark")
    })
  },
  "--data",
  "{directory}/chat.db"
)
