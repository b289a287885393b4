/** Files: chosen, dropped and pasted, on their way, shown, and what can be wrong with them before they go. */
import { assert, it } from "vitest"
import { screenshot } from "./support/browser.ts"
import { lineOf } from "./support/line.ts"
import { onStage } from "./support/onStage.ts"
import type { Person } from "./support/person.ts"
import { emptyPng, mp3, picture, sample, webm } from "./support/samples.ts"

const uploads = "**/v1/files?*"
const text = (name: string, content = "some words") => sample(name, "text/plain", content)

/** Holds what goes up until it is let go. */
const holdUploads = async (page: Person) => {
  let letGo = () => {}
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route(uploads, async (route) => {
    await gone
    await route.continue()
  })
  return () => letGo()
}

const sizeOf = (page: Person) =>
  page.pictures.first().evaluate((each) => {
    const { height, width } = each.getBoundingClientRect()
    return [Math.round(width), Math.round(height)]
  })

onStage(
  "files",
  (on) => {
    it("a picture that is chosen has its place with the other before it is there, and is opened by keys", async () => {
      const [alice, bob] = [await on.person("alice"), await on.person("bob")]
      await alice.startWith("bob")
      await alice.say("Look:")
      await bob.row("alice").click()
      await bob.message("Look:").waitFor()
      let letGo = () => {}
      const gone = new Promise<void>((resolve) => {
        letGo = resolve
      })
      await bob.route("**/v1/files/**", async (route) => {
        await gone
        await route.continue()
      })
      await alice.choose(picture("evening.png", 640, 400), picture("night.png", 640, 400, 90))
      await alice.getByText("2 of 2 files uploaded").waitFor()
      await alice.button("Remove night.png").click()
      await alice.inTray("night.png").waitFor({ state: "detached" })
      await alice.post("From the pier")
      await alice.ticked("From the pier", "Read")
      await alice.pictures.locator("img").waitFor()
      assert.strictEqual(await alice.locator(".tray").count(), 0)

      // Before a byte of it is there: its size, and a blurred hint of it.
      await bob.message("From the pier").waitFor()
      await bob.locator(".picture .hint").waitFor()
      assert.match(await bob.locator(".picture .hint").getAttribute("src") ?? "", /^data:image\/webp;base64,/)
      assert.strictEqual(await bob.locator(".picture.there").count(), 0)
      assert.deepStrictEqual(await sizeOf(bob), [320, 200])
      const before = await bob.message("Look:").evaluate((each) => each.getBoundingClientRect().top)
      letGo()
      await bob.locator(".picture.there").waitFor()
      assert.deepStrictEqual(await sizeOf(bob), [320, 200])
      assert.strictEqual(await bob.message("Look:").evaluate((each) => each.getBoundingClientRect().top), before)
      await bob.row("alice").getByText("Picture: From the pier").waitFor()
      assert.strictEqual(await bob.locator(".picture img").getAttribute("alt"), "Picture evening.png")

      // Another one, and both are large, one after the other.
      await alice.choose(picture("later.png", 40, 90))
      await alice.getByText("1 of 1 file uploaded").waitFor()
      await alice.button("Send").click()
      await bob.pictures.nth(1).waitFor()
      await bob.pictures.first().focus()
      await bob.keyboard.press("Enter")
      const large = bob.getByRole("dialog", { name: "Picture evening.png" })
      await large.getByRole("img", { name: "Picture evening.png, sent by alice" }).waitFor()
      await bob.keyboard.press("ArrowRight")
      await bob.getByRole("dialog", { name: "Picture later.png" }).getByText("2 of 2").waitFor()
      await bob.keyboard.press("ArrowRight")
      await large.waitFor()
      await bob.keyboard.press("Escape")
      await bob.dialog.waitFor({ state: "detached" })
      await bob.isIn("[aria-label='Open picture evening.png']")
    })

    it("what is dropped and pasted goes into the tray of its conversation, and stays there", async () => {
      const page = await on.person("dora")
      await page.startWith("bob")
      await page.say("there you are")
      await page.hand("drop", ".log", picture("dropped.png"), text("notes.txt"))
      await page.inTray("dropped.png").waitFor()
      await page.inTray("notes.txt").getByText("10 bytes").waitFor()
      await page.hand("paste", ".composer textarea", picture("pasted.png"))
      await page.getByText("3 of 3 files uploaded").waitFor()
      await page.field.fill("half a sentence")
      await page.startWith("carol")
      assert.strictEqual(await page.locator(".tray").count(), 0)
      await page.choose(text("for carol.txt"))
      await page.inTray("for carol.txt").waitFor()
      await page.row("bob").click()
      await page.inTray("pasted.png").waitFor()
      assert.strictEqual(await page.locator(".tray .upload").count(), 3)
      assert.strictEqual(await page.field.inputValue(), "half a sentence")

      // Beside the conversation a drop does nothing, and the page stays.
      await page.hand("drop", ".sidebar nav", picture("beside.png"))
      assert.strictEqual(await page.locator(".tray .upload").count(), 3)
      const bob = await on.raw("bob")
      await page.field.press("Enter")
      const { attachments } = await bob.hears("half a sentence")
      assert.deepStrictEqual(attachments?.map(({ name, type }) => [name, type]), [
        ["dropped.png", "image/png"],
        ["notes.txt", "text/plain"],
        ["pasted.png", "image/png"]
      ])
      assert.isAtMost(attachments?.[0]?.preview?.length ?? 9_999, 2_048)
    })

    it("one goes on writing while a file goes up; what is said with it waits for it, and is sent once", async () => {
      const page = await on.person("erik")
      await page.startWith("bob")
      const letGo = await holdUploads(page)
      await page.choose(picture("slow.png", 300, 200), text("slow.txt"))
      await page.getByRole("progressbar", { name: "Upload of slow.png" }).waitFor()
      await page.write("with files")
      await page.ticked("with files", "Waiting to be sent")
      await page.message("with files").getByRole("progressbar").first().waitFor()
      await page.row("bob").getByText("with files").waitFor()
      assert.strictEqual(await page.locator(".tray").count(), 0)
      await page.say("without")
      await page.message("with files").getByRole("button", { name: "Remove slow.txt" }).click()
      await screenshot(page, "files-waiting")
      letGo()
      await page.ticked("with files", "Sent")
      await page.reload()
      await page.message("with files").locator(".picture.there").waitFor()
      assert.deepStrictEqual(await page.texts(), ["without", "with files"])
      assert.strictEqual(await page.locator(".message .file").count(), 0)
    })

    it("its progress is seen, and it can be given up", async () => {
      const page = await on.person("finn")
      await page.startWith("bob")
      const network = await page.context().newCDPSession(page)
      const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 150_000 }
      await network.send("Network.enable")
      await network.send("Network.emulateNetworkConditions", slow)
      const asked = page.waitForRequest((request) => request.url().includes("/v1/files?"))
      await page.choose(text("long.txt", "x".repeat(900_000)))
      await page.waitForFunction(() => {
        const bar = document.querySelector("progress")
        return bar !== null && bar.value > 0 && bar.value < bar.max
      })
      await page.inTray("long.txt").getByText(/^\d+ % of 879 KB$/).waitFor()
      const failed = page.waitForEvent("requestfailed")
      await page.button("Remove long.txt").click()
      await page.locator(".tray").waitFor({ state: "detached" })
      assert.strictEqual(await failed, await asked)
      await network.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 })
      await page.say("still here")
    })

    it("what cannot be sent is said before anything of it is", async () => {
      const page = await on.person("gina")
      await page.startWith("bob")
      let asked = 0
      page.on("request", (request) => {
        if (request.url().includes("/v1/files")) asked++
      })
      await page.choose(text("large.txt", "x".repeat(1_048_577)), text("empty.txt", ""))
      const problem = page.getByRole("alert")
      await problem.getByText("“large.txt” is too large: this server takes files of up to 1.0 MB.").waitFor()
      await problem.getByText("“empty.txt” is empty").waitFor()
      assert.strictEqual(asked, 0)
      await page.choose(...Array.from({ length: 11 }, (_, i) => text(`${i}.txt`)))
      await problem.getByText("A message has room for 10 files").waitFor()
      await page.getByText("10 of 10 files uploaded").waitFor()
      await page.choose(text("one more.txt"))
      assert.strictEqual(await page.locator(".tray .upload").count(), 10)
      assert.strictEqual(asked, 10)
    })

    it("a refusal is told in the server's words, holds the message back, and can be tried again", async () => {
      const page = await on.person("henry")
      await page.startWith("bob")
      await page.route(uploads, (route) =>
        route.fulfill({
          status: 413,
          contentType: "application/problem+json",
          body: JSON.stringify({ status: 413, detail: "You have no room left; delete messages with files." })
        }))
      await page.choose(text("refused.txt"))
      await page.inTray("refused.txt").getByRole("alert").getByText("You have no room left").waitFor()
      await page.field.fill("with it")
      assert.isTrue(await page.button("Send").isDisabled())
      await page.getByText("Not all of them could be uploaded").waitFor()
      await screenshot(page, "files-refused")
      await page.unroute(uploads)
      await page.button("Try refused.txt again").click()
      await page.getByText("1 of 1 file uploaded").waitFor()
      await page.button("Send").click()
      await page.ticked("with it", "Sent")
    })

    it("pictures that are none, or too large to be drawn, go as files, and the page stays quick", async () => {
      const page = await on.person("ida")
      const bob = await on.raw("bob")
      await page.startWith("bob")
      await page.choose(
        sample("torn.png", "image/png", picture("").buffer.subarray(0, 60)),
        sample("words.jpg", "image/jpeg", "no picture at all"),
        sample("bomb.png", "image/png", emptyPng(60_000, 60_000)),
        picture("good.png")
      )
      await page.getByText("4 of 4 files uploaded").waitFor()
      await page.write("four")
      const { attachments } = await bob.hears("four")
      assert.deepStrictEqual(
        attachments?.map(({ height, name, preview, width }) => [name, width, height, preview !== undefined]),
        [
          ["torn.png", undefined, undefined, false],
          ["words.jpg", undefined, undefined, false],
          ["bomb.png", undefined, undefined, false],
          ["good.png", 60, 40, true]
        ]
      )
      await page.ticked("four", "Sent")
      assert.strictEqual(await page.message("four").locator(".file").count(), 3)
      assert.strictEqual(await page.pictures.count(), 1)
    })

    it("films and sounds are played, and other files are downloads", async () => {
      const page = await on.person("jonas")
      await page.startWith("bob")
      await page.choose(
        sample("harbour.webm", "video/webm", await webm(page)),
        sample("horn.mp3", "audio/mpeg", mp3()),
        sample("timetable.pdf", "application/pdf", "%PDF-1.4")
      )
      await page.getByText("3 of 3 files uploaded").waitFor()
      await page.write("listen")
      await page.ticked("listen", "Sent")
      const film = page.locator("video")
      await page.waitForFunction(() =>
        Array.from(document.querySelectorAll("video, audio")).filter((each) =>
          each instanceof HTMLMediaElement && each.readyState >= 1
        ).length === 2
      )
      const { height, width } = await film.evaluate((each) => each.getBoundingClientRect())
      assert.closeTo(width / height, 320 / 180, 0.05)
      await page.locator("audio").evaluate((each) => (each as HTMLAudioElement).play())
      const downloads = page.locator(".message a.file")
      assert.strictEqual(await downloads.count(), 2)
      const download = page.waitForEvent("download")
      await downloads.filter({ hasText: "timetable.pdf" }).click()
      assert.strictEqual((await download).suggestedFilename(), "timetable.pdf")
      await page.reload()
      await page.locator("video").waitFor()
    })

    it("what is deleted is gone, also for whoever looks at it", async () => {
      const [page, other] = [await on.person("karl"), await on.person("lena")]
      await page.startWith("lena")
      await page.choose(picture("gone.png"))
      await page.getByText("1 of 1 file uploaded").waitFor()
      await page.write("to be deleted")
      await page.ticked("to be deleted", "Sent")
      await other.row("karl").click()
      await other.pictures.first().click()
      await other.getByRole("dialog", { name: "Picture gone.png" }).waitFor()
      await page.act("to be deleted", "Delete")
      await page.button("Delete").click()
      await other.dialog.waitFor({ state: "detached" })
      await other.getByText("Message deleted").first().waitFor()
      assert.deepStrictEqual([await page.pictures.count(), await other.pictures.count()], [0, 0])
    })

    it("a link that has ended is asked for again", async () => {
      const mona = await on.raw("mona")
      const page = await on.page()
      await page.routeWebSocket(/\/ws/, (line) => {
        const server = line.connectToServer()
        // As if it had been pushed a day ago.
        server.onMessage((data) => {
          const frame = String(data)
          line.send(frame.includes("\"incoming_message\"") ? frame.replace(/expires=\d+/g, "expires=1000") : frame)
        })
      })
      await page.signIn("nils")
      await page.startWith("mona")
      const { buffer } = picture("old.png")
      const file = await mona.upload("old.png", "image/png", buffer)
      await mona.tell("nils", "an old picture", { attachments: [{ file, width: 60, height: 40 }] })
      await page.message("an old picture").locator(".picture.there").waitFor()
      assert.notInclude(await page.pictures.locator("img").getAttribute("src") ?? "", "expires=1000&")
    })

    it("an upload that is cut off begins again, and says so", async () => {
      const page = await on.person("olga")
      await page.startWith("bob")
      let tries = 0
      await page.route(uploads, async (route) => {
        if (++tries === 1) await route.abort("connectionreset")
        else if (tries === 2) await holdOpen(route)
      })
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const holdOpen = async (route: { continue: () => Promise<void> }) => {
        await held
        await route.continue()
      }
      await page.choose(text("stubborn.txt"))
      await page.inTray("stubborn.txt").getByText("Begun again").waitFor()
      await page.getByText("an upload has begun again").waitFor({ state: "attached" })
      release()
      await page.getByText("1 of 1 file uploaded").waitFor()
      assert.strictEqual(tries, 2)
    })

    it("files stay chosen when a session ends and the next one begins", async () => {
      const page = await on.page()
      const line = await lineOf(page)
      await page.signIn("paul")
      await page.startWith("bob")
      const letGo = await holdUploads(page)
      await page.choose(picture("kept.png"))
      await page.getByRole("progressbar", { name: "Upload of kept.png" }).waitFor()
      await page.write("said before")
      await page.choose(text("in the tray.txt"))
      line.end(4503)
      await page.banner("An administrator ended this connection.").waitFor()
      letGo()
      await page.button("Connect again").click()
      await page.ready()
      await page.ticked("said before", "Sent")
      await page.message("said before").locator(".picture").waitFor()
      await page.inTray("in the tray.txt").getByText("10 bytes").waitFor()
    })

    it("a page that closes too early keeps the words, and says what became of the files", async () => {
      const page = await on.person("rosa")
      await page.startWith("bob")
      await holdUploads(page)
      await page.choose(picture("lost.png"))
      await page.write("said too early")
      await page.ticked("said too early", "Waiting to be sent")
      await page.reload()
      const failure = page.getByRole("alert").getByText(
        "The page was closed before the files of this message had gone up"
      )
      await failure.waitFor()
      await page.button("Send again").click()
      await page.ticked("said too early", "Sent")
    })
  },
  "--store",
  "memory",
  "--max-file-bytes",
  "1048576"
)
