/** What a browser has to load for the client alone. The page counts its own share. */
import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"
import { root } from "../support/ServerProcess.ts"

const limit = 60 * 1_024

const bundle = async (input: string): Promise<string> => {
  const build = await rolldown({ input: join(root, input), platform: "browser", treeshake: true })
  const { output } = await build.generate({ format: "esm", minify: true })
  await build.close()
  return output.map((part) => part.type === "chunk" ? part.code : "").join("")
}

describe("the client in a browser", () => {
  it("is at most 60 KB of gzip with everything that it exports, and needs nothing of Node", async () => {
    const code = await bundle("src/client/index.ts")
    const size = gzipSync(code, { level: 9 }).length
    process.stdout.write(
      `client bundle: ${(code.length / 1_024).toFixed(1)} KB, gzip ${(size / 1_024).toFixed(1)} KB\n`
    )
    assert.isAtMost(size, limit)
    assert.notMatch(code, /from\s*["']node:|require\(["']node:/)
  }, 60_000)
})
