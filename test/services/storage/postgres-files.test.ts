/** Servers that share a Postgres: what one says of a file while the other says that it goes. */
import { assert, describe } from "@effect/vitest"
import { Array, Effect, Tracer } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { FileId, UserId } from "../../../src/domain/Ids.ts"
import { FileRecords } from "../../../src/services/storage/FileRecords.ts"
import { type Append, MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { commit, edit, remove, text } from "../../../src/testing/contract/commands.ts"
import { withFiles } from "../../../src/testing/files/messages.ts"
import { besidePostgres, whileAnother } from "../../support/besidePostgres.ts"
import { RecordingTracer } from "../../support/RecordingTracer.ts"

const alice = UserId.make("alice")
const conversation = Conversation.direct(alice, UserId.make("bob"))
const [a, b] = ["a", "b"].map((name) => FileId.make(name)) as [FileId, FileId]

const uploaded = Effect.fnUntraced(function*() {
  const files = yield* FileRecords
  for (const file of [a, b]) {
    yield* files.begin({ file, owner: alice, name: "x", type: "y", size: 1, at: 1 }, 0)
    yield* files.finish(file, { size: 1, sha256: "00", state: "ready" })
  }
  return files
})

const unneeded = { uploadsBefore: 2, unusedBefore: 2, limit: 10 }

const beside = besidePostgres("locked_files")

describe("files of servers that write at the same time", () => {
  beside("a commit asks of files only where a text has some, or loses them", function*() {
    yield* uploaded()
    const asked = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
      const recording = new RecordingTracer()
      yield* Effect.provideService(commit(...appends), Tracer.Tracer, recording.tracer)
      const texts = recording.spans.map((span) => String(span.attributes.get("db.query.text")))
      assert.isTrue(texts.some((text) => text.includes("INSERT INTO entries")))
      return texts.filter((text) => /\bfiles\b|\bfile_uses\b/.test(text)).length
    })
    assert.strictEqual(yield* asked(text(alice, conversation), text(alice, conversation, "two", { id: "2" })), 0)
    assert.strictEqual(yield* asked(edit(alice, conversation, 1, "one"), remove(alice, conversation, 2)), 0)
    assert.strictEqual(yield* asked(withFiles(alice, conversation, [a])), 3)
    assert.strictEqual(yield* asked(edit(alice, conversation, 5, "again")), 0)
    assert.strictEqual(yield* asked(remove(alice, conversation, 5)), 3)
  })

  beside("a message that names a file which is being removed waits, and is refused", function*({ sql }) {
    const files = yield* uploaded()
    const answer = yield* whileAnother(
      sql`UPDATE files SET state = 'removing' WHERE file = ${a}`,
      commit(withFiles(alice, conversation, [b, a]))
    )
    assert.deepStrictEqual(answer, ["not_found"])
    assert.deepStrictEqual([yield* files.uses(a, 1), yield* files.uses(b, 1)], [[], []])
  })

  beside("a file that a commit has in hand is not found unneeded, and afterwards neither", function*({ sql }) {
    const files = yield* uploaded()
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`SELECT 1 FROM files WHERE file = ${a} FOR NO KEY UPDATE`
      assert.deepStrictEqual(yield* files.unneeded(unneeded), [b])
      yield* sql`INSERT INTO file_uses (file, conversation, seq) VALUES (${a}, ${conversation}, 1)`
      yield* sql`UPDATE files SET used = 1 WHERE file = ${a}`
    }))
    assert.deepStrictEqual(yield* files.unneeded(unneeded), [b])
    assert.strictEqual((yield* files.get(a))?.state, "ready")
  })

  beside("one that has lost a message while another is being kept for it stays", function*({ another, sql }) {
    const files = yield* uploaded()
    yield* commit(withFiles(alice, conversation, [a]), remove(alice, conversation, 1))
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`SELECT 1 FROM files WHERE file = ${a} FOR NO KEY UPDATE`
      yield* sql`INSERT INTO file_uses (file, conversation, seq) VALUES (${a}, ${conversation}, 9)`
      assert.deepStrictEqual(yield* files.unneeded({ ...unneeded, unusedBefore: 0 }), [])
    }))
    assert.deepStrictEqual(yield* files.unneeded({ ...unneeded, unusedBefore: 0 }), [])
    assert.deepStrictEqual((yield* files.get(a))?.state, "ready")
    yield* another
  })

  beside("a file that is discarded while a commit has it goes after the message is kept", function*({ sql }) {
    const files = yield* uploaded()
    yield* whileAnother(
      sql`SELECT 1 FROM files WHERE file = ${a} FOR NO KEY UPDATE`,
      files.discard(a),
      sql`INSERT INTO file_uses (file, conversation, seq) VALUES (${a}, ${conversation}, 1)`
    )
    assert.deepStrictEqual([(yield* files.get(a))?.state, (yield* files.uses(a, 2)).length], ["removing", 1])
    assert.deepStrictEqual(yield* files.usage(alice), { files: 1, bytes: 1 })
  })

  beside("files are taken in the order of their names, so that two commits do not wait for each other", function*({
    sql
  }) {
    yield* uploaded()
    yield* whileAnother(
      sql`SELECT 1 FROM files WHERE file = ${a} FOR NO KEY UPDATE`,
      commit(withFiles(alice, conversation, [b, a])),
      Effect.map(
        sql`SELECT 1 FROM files WHERE file = ${b} FOR NO KEY UPDATE SKIP LOCKED`,
        (rows) => assert.strictEqual(rows.length, 1, "nothing is taken before what is waited for")
      )
    )
  })

  beside(
    "two servers that name, take back, sweep and remove at the same time: nobody waits for ever, and no message has a file that was taken from it",
    function*({ another }) {
      const files = yield* uploaded()
      const other = yield* another
      const [here, there] = [yield* MessageStore, yield* Effect.provide(MessageStore, other)]
      const names = Array.range(1, 30).map((i) => FileId.make(`f${i}`))
      for (const file of names) {
        yield* files.begin({ file, owner: alice, name: "x", type: "y", size: 1, at: 1 }, 0)
        yield* files.finish(file, { size: 1, sha256: "00", state: "ready" })
      }
      const say = (store: MessageStore["Service"], to: string) =>
        Effect.forEach(names, (file, i) =>
          Effect.gen(function*() {
            const where = Conversation.direct(alice, UserId.make(to))
            const { appends: [said] } = yield* store.commit(
              [withFiles(
                alice,
                where,
                [file, names[(i * 7 + 3) % names.length]!].filter((each, at, all) => all.indexOf(each) === at)
              )],
              []
            )
            if (said?._tag !== "Accepted") return
            if (i % 2 === 0) yield* store.commit([remove(alice, where, said.seq)], [])
          }), { discard: true })
      const sweep = Effect.replicateEffect(files.unneeded({ ...unneeded, limit: 3 }), 20)
      yield* Effect.all([say(here, "bob"), say(there, "carol"), say(here, "dave"), sweep], {
        concurrency: "unbounded"
      })
      for (const file of names) {
        const record = yield* files.get(file)
        const uses = yield* files.uses(file, 100)
        if (record?.state === "removing") assert.deepStrictEqual(uses, [], file)
        else assert.strictEqual(record?.state, "ready")
      }
      const left = yield* files.unneeded({ ...unneeded, limit: 100 })
      for (const file of names) {
        const uses = yield* files.uses(file, 1)
        assert.strictEqual(left.includes(file), uses.length === 0, file)
      }
    }
  )
})
