/** Mentions and data from the command line, as its users say them. */
import { assert, describe } from "@effect/vitest"
import { runCommand } from "../support/ServerProcess.ts"
import { connect } from "../support/TestClient.ts"
import { served } from "../support/TestServer.ts"

describe("switchboard send --data", () => {
  served(
    "sends data with words or without, and who is meant; what will not do is a sentence",
    function*(port) {
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const send = (...words: ReadonlyArray<string>) =>
        runCommand(["send", "--as", "alice", "--to", "bob", "--url", `ws://127.0.0.1:${port}/ws`, ...words])
      const sent = yield* send("--mention", "bob", "--data", "{\"buttons\":[\"yes\",\"no\"]}")
      assert.deepStrictEqual([sent.code, sent.errors], [0, ""])
      const heard = yield* bob.waitFor("incoming_message")
      assert.deepStrictEqual([heard.text, heard.data, heard.mentions], ["", { buttons: ["yes", "no"] }, ["bob"]])
      for (const data of ["[1]", "{", "\"x\"", `{"a":"${"x".repeat(5_000)}"}`]) {
        const refused = yield* send("--data", data, "hello")
        assert.strictEqual(refused.code, 1)
        assert.match(refused.errors, /^--data is a JSON object, .* at most 4096 bytes, nested at most 8 deep\.\n$/)
      }
      const outsider = yield* send("--mention", "eve", "hello")
      assert.deepStrictEqual([outsider.code, outsider.errors], [
        1,
        "eve is not in this conversation; mention only its members.\n"
      ])
    },
    {},
    120_000
  )
})
