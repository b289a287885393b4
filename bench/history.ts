/** `npm run bench:history`: 50 messages out of a conversation of 1,000 and out of one of 1,000,000, on SQLite. */
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Conversation from "../src/domain/Conversation.ts"
import { type MessageId, UserId } from "../src/domain/Ids.ts"
import { MessageStore } from "../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../src/services/storage/SqliteMessageStore.ts"

const rounds = 2_000

const alice = UserId.make("alice")

const fill = Effect.fnUntraced(function*(size: number) {
  const store = yield* MessageStore
  const conversation = Conversation.direct(alice, UserId.make(`peer${size}`))
  for (let from = 0; from < size; from += 1_000) {
    yield* store.commit(
      Array.from({ length: 1_000 }, (_, i) => ({
        kind: "text" as const,
        conversation,
        sender: alice,
        clientId: undefined,
        messageId: `m${from + i}` as MessageId,
        at: from + i,
        text: "x".repeat(100),
        replyTo: undefined
      })),
      []
    )
  }
  return conversation
})

const measure = Effect.fnUntraced(function*(size: number) {
  const store = yield* MessageStore
  const conversation = yield* fill(size)
  const read = (round: number) => store.history({ conversation, before: 51 + (round * 7_919) % (size - 50), limit: 50 })
  for (let round = 0; round < rounds; round++) yield* read(round)
  const start = performance.now()
  for (let round = 0; round < rounds; round++) yield* read(round)
  const micros = (performance.now() - start) * 1_000 / rounds
  process.stdout.write(`| ${size.toLocaleString("en-US")} messages | ${micros.toFixed(0)} µs for 50 of them |\n`)
})

const directory = mkdtempSync(join(tmpdir(), "switchboard-history-"))

await Effect.runPromise(
  Effect.andThen(measure(1_000), measure(1_000_000)).pipe(
    Effect.provide(SqliteMessageStore.layer({ filename: join(directory, "chat.db") })),
    Effect.ensuring(Effect.sync(() => rmSync(directory, { recursive: true })))
  )
)
