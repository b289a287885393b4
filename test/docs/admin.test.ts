/** The code about the admin API in docs/operations.md is in examples/admin, and examples/admin works. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { admin, announce, provision, takeBack } from "../../examples/admin/main.ts"
import { root, startServer } from "../support/ServerProcess.ts"
import { connect } from "../support/TestClient.ts"

const token = "a-token-of-administrators"

describe("docs/operations.md about the admin API", () => {
  it("each line of its code is in the example", () => {
    const page = readFileSync(join(root, "docs/operations.md"), "utf8")
    const blocks = Array.from(page.matchAll(/```ts\n(.*?)```/gs), ([, code]) => code!)
    const example = readFileSync(join(root, "examples/admin/main.ts"), "utf8")
    const about = blocks.filter((code) => code.includes("switchboard/admin"))
    assert.lengthOf(about, 1)
    for (const line of about.join("\n").split("\n")) assert.include(example, line)
  })

  it.live("the example makes a group, says something in it and takes it back", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory", "--admin-token", token])
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      yield* Effect.gen(function*() {
        const group = yield* provision
        assert.deepStrictEqual(yield* provision, group)
        const { seq } = yield* announce("hello")
        assert.strictEqual((yield* alice.waitFor("incoming_message")).seq, seq)
        yield* takeBack(seq)
        assert.strictEqual((yield* alice.waitFor("message_deleted")).target, seq)
      }).pipe(Effect.provide(admin({ url: `http://127.0.0.1:${port}`, token })))
    }).pipe(Effect.scoped), 60_000)
})
