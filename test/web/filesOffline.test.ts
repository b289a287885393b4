/** The server goes in the middle of an upload, and comes back. */
import { assert, it } from "vitest"
import { onStage } from "./support/onStage.ts"
import { picture, sample } from "./support/samples.ts"

onStage(
  "files without a connection",
  (on) => {
    it("what was cut off begins again and says so, and the message with it arrives once", async () => {
      const page = await on.person("alice")
      await page.startWith("bob")
      await page.say("before")
      const network = await page.context().newCDPSession(page)
      const throttle = (uploadThroughput: number) =>
        network.send("Network.emulateNetworkConditions", {
          offline: false,
          latency: 0,
          downloadThroughput: -1,
          uploadThroughput
        })
      await network.send("Network.enable")
      await throttle(100_000)
      await page.choose(sample("long.txt", "text/plain", "x".repeat(900_000)), picture("small.png"))
      await page.waitForFunction(() => {
        const bar = document.querySelector("progress")
        return bar !== null && bar.value > 0 && bar.value < bar.max
      })
      on.cut()
      await page.getByText("You are offline. What you write now is sent later.").waitFor()
      await page.write("with the files")
      await page.choose(sample("chosen while away.txt", "text/plain", "x"))
      await page.write("and with another")
      await page.ticked("and with another", "Waiting to be sent")
      await on.restart()
      await page.message("with the files").getByText(/Begun again/).first().waitFor({ timeout: 30_000 })
      await throttle(-1)
      await page.ticked("with the files", "Sent")
      await page.ticked("and with another", "Sent")

      const bob = await on.raw("bob")
      const page1 = await bob.ask({ type: "history", recipient: "alice", after: 0 })
      const said = page1.type !== "history_page" ?
        [] :
        page1.messages.map((entry) =>
          entry.kind === "text"
            ? [entry.text, entry.attachments?.map(({ name, size }) => `${name} ${size}`)]
            : entry.kind
        )
      assert.sameDeepMembers(said, [
        ["before", undefined],
        ["with the files", ["long.txt 900000", `small.png ${picture("").buffer.length}`]],
        ["and with another", ["chosen while away.txt 1"]]
      ])
    })
  },
  "--data",
  "{directory}/chat.db"
)
