/** P1: kill -9 in the middle of uploads leaves no entry without its file, and no file for ever. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { readdirSync, statSync } from "node:fs"
import { request as httpRequest } from "node:http"
import { join } from "node:path"
import { admin, adminToken } from "../../support/adminApi.ts"
import { dataFile } from "../../support/dataFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { ask, upload } from "../../support/fileApi.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { connect } from "../../support/TestClient.ts"

const rounds = 3
const atOnce = 8

/** All that lies in a folder, whatever it is called. */
const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile())

/** Uploads that follow each other until the server is gone; `said` gathers those that a message names. */
const uploading = Effect.fnUntraced(function*(port: number, user: string, said: Map<string, string>) {
  const client = yield* connect({ port, user, level: "v1", device: "d" })
  let n = 0
  yield* Effect.gen(function*() {
    const bytes = randomBytes(200_000 + 50_000 * (n % 7))
    const { body, status } = yield* upload(port, bytes, { user, name: `${n++}.bin` })
    if (status !== 201) return
    client.send({ type: "chat_message", recipient: "zoe", text: "", id: `${user}-${n}`, attachments: [body] })
    said.set(body.file, createHash("sha256").update(bytes).digest("hex"))
  }).pipe(Effect.ignoreCause, Effect.forever, Effect.forkScoped)
})

/** One that is in the middle for as long as the server lives. */
const half = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const headers = { "phone-number": "slow", "content-length": 2_000_000 }
      const request = httpRequest({ port, host: "127.0.0.1", path: "/v1/files?name=half", method: "POST", headers })
      request.on("error", () => {})
      request.write(randomBytes(1_000_000))
      return request
    }),
    (request) => Effect.sync(() => request.destroy())
  )

interface Listed {
  readonly file: string
  readonly state: string
  readonly used: boolean
}

const listed = (port: number) =>
  Effect.map(admin(port, "GET", "/files?limit=100"), ({ body }) => body.files as ReadonlyArray<Listed>)

describe("P1", () => {
  it.live(`SQLite and a folder: ${rounds} times kill -9 in the middle of uploads`, () =>
    Effect.gen(function*() {
      const data = yield* dataFile
      const folder = `${data}.files`
      const flags = ["--data", data, "--admin-token", adminToken]
      const said = new Map<string, string>()
      for (let round = 0; round < rounds; round++) {
        yield* Effect.scoped(Effect.gen(function*() {
          const server = yield* startServer(flags)
          yield* half(server.port)
          for (let i = 0; i < atOnce; i++) yield* uploading(server.port, `user${i}-${round}`, said)
          const goal = said.size + 8 + 5 * round
          yield* eventually(
            Effect.map(listed(server.port), (files) =>
              said.size >= goal && files.filter(({ state }) => state === "uploading").length > 1)
          )
          server.kill("SIGKILL")
          yield* server.exited
        }))
      }

      const server = yield* startServer(flags)
      // Uploads that died are swept when a server begins, which is alone with its file.
      yield* eventually(Effect.map(listed(server.port), (files) =>
        files.every(({ state }) => state === "ready")))
      const records = yield* listed(server.port)
      assert.sameMembers(
        filesIn(folder).map((path) => path.split("/").at(-1)!),
        records.map(({ file }) => file),
        "what lies there is what is known, and nothing is left of the rest"
      )
      const zoe = yield* connect({ port: server.port, user: "zoe", level: "v1", device: "d" })
      const { conversations } = yield* zoe.ask({ type: "conversations" }, "conversation_list")
      let named = 0
      for (const { conversation } of conversations) {
        const { messages } = yield* zoe.ask({ type: "history", conversation, after: 0 }, "history_page")
        for (const entry of messages) {
          if (entry.kind !== "text") continue
          for (const { file, url } of entry.attachments ?? []) {
            const { bytes, status } = yield* ask(server.port, url!)
            assert.strictEqual(status, 200, "no entry is without its file")
            assert.strictEqual(createHash("sha256").update(bytes).digest("hex"), said.get(file))
            named++
          }
        }
      }
      assert.isAbove(named, 0)
      assert.strictEqual(named, records.filter(({ used }) => used).length)
    }).pipe(Effect.scoped), 300_000)
})
