/** P4 P6: a device that is far behind is brought up to date at its own pace; memory and others do not notice. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import * as Conversation from "../../src/domain/Conversation.ts"
import { type MessageId, UserId } from "../../src/domain/Ids.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../src/services/storage/SqliteMessageStore.ts"
import { startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect, open } from "../support/TestClient.ts"
import { until } from "../support/until.ts"

const backlog = 30_000

const fill = Effect.gen(function*() {
  const store = yield* MessageStore
  const sender = UserId.make("alice")
  const conversation = Conversation.direct(sender, UserId.make("bob"))
  for (let from = 0; from < backlog; from += 1_000) {
    const appends = Array.from({ length: 1_000 }, (_, i) => ({
      kind: "text" as const,
      conversation,
      sender,
      clientId: undefined,
      messageId: `m${from + i}` as MessageId,
      at: from + i,
      text: "x".repeat(500),
      replyTo: undefined
    }))
    yield* store.commit(appends, [])
  }
})

describe("a long backlog", () => {
  it.live(
    "30,000 messages of 500 bytes: all of them, in order, while memory stays and others talk",
    () =>
      Effect.gen(function*() {
        const filename = join(yield* temporaryDirectory, "chat.db")
        yield* fill.pipe(Effect.provide(SqliteMessageStore.layer({ filename })))
        const { port, rss } = yield* startServer(["--data", filename])
        const dora = yield* connect({ port, user: "dora" })
        const emil = yield* connect({ port, user: "emil" })
        const comeBack = Effect.fnUntraced(function*(device: string) {
          const bob = yield* open({ port, user: "bob", level: "v1", device }).pipe(Effect.orDie)
          const seqs: Array<number> = []
          bob.ws.on("message", (data: Buffer) => {
            const frame = JSON.parse(data.toString()) as { type: string; seq: number }
            if (frame.type === "incoming_message") seqs.push(frame.seq)
          })
          return { bob, seqs }
        })
        // Once before, so that the database's cache and the young heap have their size.
        const first = yield* comeBack("first")
        yield* until(Effect.sync(() => first.seqs.length >= backlog))
        const before = rss()
        const { bob, seqs } = yield* comeBack("second")
        // It reads nothing for a while: the backlog waits in the store, not in the server's memory.
        bob.ws.pause()
        let highest = 0
        for (let i = 0; i < 50; i++) {
          dora.send({ type: "chat_message", recipient: "emil", text: `${i}` })
          assert.strictEqual((yield* emil.expect("incoming_message")).text, `${i}`)
          highest = Math.max(highest, rss() - before)
        }
        bob.ws.resume()
        yield* until(Effect.sync(() => {
          highest = Math.max(highest, rss() - before)
          return seqs.length >= backlog
        }))
        assert.isBelow(highest / 1_048_576, 32)
        assert.deepStrictEqual(seqs, Array.from({ length: backlog }, (_, i) => i + 1))
      }).pipe(Effect.scoped),
    60_000
  )
})
