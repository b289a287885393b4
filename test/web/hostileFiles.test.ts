/** What a file may be, and may be called, without harm to the page: nothing of it ever runs, or looks like something else. */
import type { Page } from "playwright-core"
import { assert, beforeAll, it } from "vitest"
import { phone, screenshot } from "./support/browser.ts"
import { onStage } from "./support/onStage.ts"
import { png } from "./support/samples.ts"

const script = "<script>document.title='broken';parent.document.title='broken'</script>"
const svg =
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40" onload="document.title='broken'">${script}</svg>`
const size = { width: 60, height: 40 }

/** Name, type, content, and what its sender says of it. */
const hostile: ReadonlyArray<readonly [string, string, string | Buffer, object]> = [
  ["page.html", "text/html", `<!doctype html>${script}`, size],
  ["drawing.svg", "image/svg+xml", svg, size],
  ["picture.png", "image/png", svg, size],
  ["page.png", "image/png", `<!doctype html>${script}`, { ...size, preview: Buffer.from(svg).toString("base64") }],
  ["photo~gnp.exe", "application/octet-stream", "MZ", {}],
  ["~right~<b>bold<b>.txt", "text/plain", "x", {}],
  [`${"long".repeat(40)}.txt`, "text/plain", "x", {}],
  ["x onerror=alert(1).png", "image/png", png(60, 40), { width: 1, height: 100_000 }],
  ["wide.png", "image/png", png(60, 40), { width: 100_000, height: 1 }],
  ["film.mp4", "video/mp4", `<!doctype html>${script}`, size],
  ["sound.mp3", "audio/mpeg", svg, {}]
]

const overflow = (page: Page) =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll(".message, .bubble, .bubble *, .log"))
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect()
        // What is cut by its own place is not seen.
        const cut = element.closest(".file-name, .picture, video, audio")
        return cut === null && (left < -1 || right > innerWidth + 1)
      })
      .map((element) => element.className)
  )

onStage("hostile files", (on) => {
  beforeAll(async () => {
    const mallory = await on.raw("mallory")
    for (const [name, type, content, more] of hostile) {
      const file = await mallory.upload(name, type, Buffer.from(content))
      await mallory.tell("alice", `it is ${name.length}`, { attachments: [{ file, ...more }] })
    }
  })

  it.each(["wide", "narrow"] as const)("are shown as what they are, and break nothing: %s", async (width) => {
    const page = await on.page(width === "narrow" ? phone : {})
    // This server refuses characters that turn a name around; another one may not.
    await page.routeWebSocket(/\/ws/, (line) => {
      line.connectToServer().onMessage((data) => line.send(String(data).replaceAll("~", "\\u202e")))
    })
    await page.signIn("alice")
    await page.row("mallory").click()
    await page.locator("[data-seq]").nth(hostile.length - 1).waitFor()
    for (let seq = 1; seq <= hostile.length; seq++) {
      await page.locator(`[data-seq="${seq}"]`).scrollIntoViewIfNeeded()
      await page.drawn()
    }
    // What only says that it is a picture is asked for once more, and is then a file.
    await page.locator(".file", { hasText: "picture.png" }).waitFor()
    await page.locator(".file", { hasText: "page.png" }).waitFor()
    const pictures = await page.pictures.evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")))
    assert.deepStrictEqual(pictures, ["Open picture x onerror=alert(1).png", "Open picture wide.png"])
    for (const name of ["page.html", "drawing.svg"]) {
      const link = page.locator("a.file", { hasText: name })
      assert.strictEqual(await link.getAttribute("download"), name)
      assert.strictEqual(await link.getAttribute("target"), null)
    }
    assert.strictEqual(await page.locator(".message :is(script, iframe, object, embed, svg:not(.icon), b)").count(), 0)
    assert.strictEqual(await page.locator(".message img[src^='data:']").count(), 0)
    // A name is turned around for nobody, and has its own direction.
    const names = await page.locator(".file bdi").evaluateAll((all) => all.map((each) => each.textContent))
    assert.include(names, "photo\uFFFDgnp.exe")
    assert.include(names, "\uFFFDright\uFFFD<b>bold<b>.txt")
    assert.deepStrictEqual(await overflow(page), [])
    assert.notInclude(await page.title(), "broken")
    await screenshot(page, `hostile-files-${width}`)
  })

  it("their links answer with a download that no browser reads as a page", async () => {
    const page = await on.person("alice")
    await page.row("mallory").click()
    const links = page.locator("a.file")
    await links.filter({ hasText: "drawing.svg" }).waitFor()
    for (const name of ["page.html", "drawing.svg"]) {
      const url = await links.filter({ hasText: name }).getAttribute("href")
      const headers = await page.evaluate(async (url) => Object.fromEntries((await fetch(url)).headers), url!)
      assert.match(headers["content-disposition"] ?? "", /^attachment/)
      assert.strictEqual(headers["x-content-type-options"], "nosniff")
      assert.match(headers["content-security-policy"] ?? "", /sandbox/)
      const download = page.waitForEvent("download")
      await links.filter({ hasText: name }).click()
      assert.strictEqual((await download).suggestedFilename(), name)
    }
    assert.notInclude(await page.title(), "broken")
  })
})
