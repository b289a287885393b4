/** P8: which pictures of people the page asks for. */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { pictureUrl } from "../../../src/web/text/files.ts"

afterEach(() => vi.unstubAllGlobals())

describe("pictures of people", () => {
  it.each([
    ["/v1/files/f/a.png?signature=x", "https://chat.example/v1/files/f/a.png?signature=x"],
    ["https://pictures.example/a.png", "https://pictures.example/a.png"],
    ["HTTPS://Pictures.example/a.png", "https://pictures.example/a.png"],
    ["http://pictures.example/a.png", undefined],
    ["//pictures.example/a.png", undefined],
    ["javascript:alert(1)", undefined],
    ["data:image/svg+xml,<svg/>", undefined],
    ["https://", undefined],
    [undefined, undefined]
  ])("%s is asked for as %s", (given, expected) => {
    vi.stubGlobal("location", new URL("https://chat.example/room"))
    assert.strictEqual(pictureUrl(given), expected)
  })
})
