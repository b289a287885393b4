/** Never a file whole in memory: 50 uploads of 25 MB at once stay under 100 MB more. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { root } from "../../support/ServerProcess.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const megabytes = 100_000_000

/** A bucket that takes everything and keeps nothing. */
const sink = Effect.acquireRelease(
  Effect.callback<{ readonly address: string; readonly close: () => void }>((resume) => {
    const server = createServer((request, response) => {
      request.resume()
      request.once("end", () => response.end())
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ address: `http://127.0.0.1:${port}`, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const grown = (place: string, size: "said" | "unsaid") =>
  Effect.callback<{ readonly files: number; readonly grown: number }>((resume) => {
    const child = execFile(
      process.execPath,
      [`${root}test/services/files/manyPuts.ts`, place, size],
      (error, output) => resume(error === null ? Effect.succeed(JSON.parse(output)) : Effect.die(error))
    )
    return Effect.sync(() => child.kill("SIGKILL"))
  })

describe("50 files of 25 MB at once", () => {
  for (const size of ["said", "unsaid"] as const) {
    it.live(`into a folder, their size ${size}`, () =>
      Effect.gen(function*() {
        const { files, grown: more } = yield* grown(join(yield* temporaryDirectory, "files"), size)
        assert.strictEqual(files, 50)
        assert.isBelow(more, megabytes)
      }).pipe(Effect.scoped), 300_000)

    it.live(`into a bucket, their size ${size}`, () =>
      Effect.gen(function*() {
        const { files, grown: more } = yield* grown((yield* sink).address, size)
        assert.strictEqual(files, 50)
        assert.isBelow(more, megabytes)
      }).pipe(Effect.scoped), 300_000)
  }
})
