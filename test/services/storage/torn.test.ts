/**
 * P1 What was accepted is there, and nothing is half there, whatever a power cut leaves of what came after it: copies of a data
 * file under load, of which what was being written is torn. `FUZZ_SEED` makes others, `TORN_STEPS` is how long.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Entry } from "../../../src/domain/entries/index.ts"
import type { ConversationId, MessageId } from "../../../src/domain/Ids.ts"
import { type Append, MessageStore, type Page } from "../../../src/services/storage/MessageStore.ts"
import { setUp } from "../../../src/services/storage/SqliteClient.ts"
import * as commands from "../../../src/testing/contract/commands.ts"
import { random, seed } from "../../fuzz/mutate.ts"
import { dataFile, inDatabase, say, texts as said, withStore } from "../../support/dataFiles.ts"
import { answers, append, begun, question, users } from "../../support/searchModel.ts"
import { torn } from "../../support/tearing.ts"

const steps = Number(process.env["TORN_STEPS"] ?? 200)
/** Of these steps only some are torn; those at which the log is moved into the file, or begins again, all are. */
const tornEvery = 10
const copiesEach = 4

type Files = Readonly<Record<"" | "-wal" | ".lock", Buffer>>

/** By another process: what closes a file here lets go of SQLite's locks on it. */
const copied = (filename: string): Files => {
  const folder = join(dirname(filename), "copied")
  mkdirSync(folder, { recursive: true })
  const there = ["", "-wal", ".lock"].map((end) => `${filename}${end}`).filter((path) => existsSync(path))
  execFileSync("cp", [...there, folder])
  const read = (end: string) => readFileSync(join(folder, `chat.db${end}`))
  return { "": read(""), "-wal": read("-wal"), ".lock": read(".lock") }
}

/** All rows of all tables. */
const stateOf = (db: DatabaseSync): string => {
  const hash = createHash("sha256")
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()
  for (const { name } of tables) {
    const rows = db.prepare(`SELECT * FROM "${name}"`).all().map((row) => JSON.stringify(row)).sort()
    hash.update(`${name}\n${rows.join("\n")}\n`)
  }
  return hash.digest("hex")
}

interface Accepted {
  readonly conversation: ConversationId
  readonly seq: number
  readonly messageId: MessageId
}

/** What people say and have read, in one commit. */
const commit = Effect.fnUntraced(function*(now: number) {
  const store = yield* MessageStore
  const appends: Array<Append> = []
  const count = yield* Random.nextIntBetween(1, 8)
  for (let i = 0; i < count; i++) appends.push(yield* append(now))
  const user = users[yield* Random.nextIntBetween(0, users.length - 1)]!
  const { items } = yield* store.conversations({ user, device: commands.phone, limit: 100 })
  const moves = items.flatMap(({ conversation, head_seq }) => [
    commands.received(user, conversation, head_seq),
    commands.read(user, conversation, head_seq)
  ])
  const answer = yield* store.commit(appends, moves)
  return answer.appends.flatMap((result, i): ReadonlyArray<Accepted> => {
    const { conversation, messageId } = appends[i]!
    return result._tag === "Rejected" || result.duplicate ? [] : [{ conversation, seq: result.seq, messageId }]
  })
})

const historyOf = Effect.fnUntraced(function*(conversation: ConversationId) {
  const store = yield* MessageStore
  const found: Array<Entry> = []
  for (let hasMore = true; hasMore;) {
    const page: Page = yield* store.history({ conversation, after: found.length, limit: 1_000 })
    found.push(...page.entries)
    hasMore = page.hasMore
  }
  return found
})

/** What the next server finds, and that it goes on from there. */
const recovers = Effect.fnUntraced(
  function*(filename: string, accepted: ReadonlyArray<Accepted>, states: ReadonlyArray<string>) {
    const store = yield* MessageStore
    assert.strictEqual(
      inDatabase(filename, (db) => db.prepare("PRAGMA integrity_check").get()?.["integrity_check"]),
      "ok"
    )
    const found = inDatabase(filename, stateOf)
    assert.include(states, found, "all of a commit is there, or nothing of it")
    for (const [conversation, all] of Map.groupBy(accepted, (each) => each.conversation)) {
      const entries = yield* historyOf(conversation)
      assert.deepStrictEqual(entries.map(({ seq }) => seq), entries.map((_, i) => i + 1))
      for (const { messageId, seq } of all) assert.strictEqual(entries[seq - 1]?.message_id, messageId)
      const next = yield* store.commit([commands.text(users[0]!, conversation, "and on", { at: 9_000_000 })], [])
      const [result] = next.appends
      if (result?._tag !== "Rejected") assert.strictEqual(result?.seq, entries.length + 1)
    }
    for (const user of users) {
      const { items } = yield* store.conversations({ user, device: commands.phone, limit: 100 })
      for (const { head_seq, read, received } of items) assert.isAtMost(Math.max(read, received), head_seq)
      const search = yield* answers(user, yield* question(1_000_000), 20)
      assert.deepStrictEqual(search.found, search.expected)
    }
    return found
  }
)

const isSame = (a: Files, b: Files, end: keyof Files) => a[end].equals(b[end])

/** The log begins again at its beginning, where it has other numbers then. */
const beginsAgain = (before: Files, after: Files): boolean =>
  !before["-wal"].subarray(0, 32).equals(after["-wal"].subarray(0, 32))

describe("a disk that tears at a crash", () => {
  it("P1 a commit waits until the disk has it", () => {
    const db = new DatabaseSync(":memory:")
    setUp(db)
    assert.strictEqual(db.prepare("PRAGMA synchronous").get()?.["synchronous"], 2)
    db.close()
  })

  for (const [what, from] of [["beginning", 0], ["header", 28]] as const) {
    it.live(`P1 a file whose ${what} was destroyed while its log was moved into it is whole again`, () =>
      Effect.gen(function*() {
        const filename = yield* dataFile
        const texts = Array.from({ length: 200 }, (_, i) => `${i} `.repeat(100))
        const files = yield* withStore(filename, Effect.andThen(say(...texts), Effect.sync(() => copied(filename))))
        const destroyed = Buffer.from(files[""]).fill(0xa5, from, 512)
        const copy = join(dirname(filename), "copy.db")
        for (const [end, bytes] of Object.entries({ ...files, "": destroyed })) writeFileSync(`${copy}${end}`, bytes)
        assert.deepStrictEqual(yield* withStore(copy, said), texts)
        // The log of another file is refused all the same.
        const other = join(dirname(filename), "other.db")
        yield* withStore(other, say("one"))
        writeFileSync(other, destroyed)
        writeFileSync(`${other}-wal`, files["-wal"])
        assert.match((yield* Effect.flip(withStore(other, said))).message, /is not of the file/)
      }).pipe(Effect.scoped))
  }

  it.live(
    `P1 P2 P4 ${steps} commits, and what a power cut leaves of each (seed ${seed})`,
    () =>
      Effect.gen(function*() {
        const filename = yield* dataFile
        const pick = random(seed)
        const accepted: Array<Accepted> = []
        const seen = { copies: 0, kept: 0, moved: 0, again: 0 }

        /** A copy as the disk may have it. */
        const crash = Effect.fnUntraced(function*(files: Files, states: readonly [string, string]) {
          const folder = join(dirname(filename), "torn")
          mkdirSync(folder)
          const copy = join(folder, "chat.db")
          for (const [end, bytes] of Object.entries(files)) writeFileSync(`${copy}${end}`, bytes)
          const found = yield* withStore(copy, recovers(copy, accepted, states))
          seen.copies++
          seen.kept += found === states[1] ? 1 : 0
          rmSync(folder, { recursive: true })
        })

        const tornAll = Effect.fnUntraced(function*(before: Files, after: Files, states: readonly [string, string]) {
          for (let i = 0; i < copiesEach; i++) {
            // While the log is written the file is as it was; it is written only when all of the log is on the disk.
            yield* crash({ ...before, "-wal": torn(before["-wal"], after["-wal"], pick) }, states)
            if (!isSame(before, after, "")) {
              yield* crash({ ...after, "": torn(before[""], after[""], pick) }, [states[1], states[1]])
            }
          }
        })

        yield* withStore(
          filename,
          Effect.gen(function*() {
            yield* (yield* MessageStore).commit(begun, [])
            let before = copied(filename)
            let state = inDatabase(filename, stateOf)
            // Few seeds say so little that the log is not moved by then: they go on until it is.
            const isEnough = (i: number) => i >= steps && seen.moved > 0 && seen.again > 0
            for (let i = 0; i < 4 * steps && !isEnough(i); i++) {
              const fresh = yield* commit(1_000 + i * 10)
              const after = copied(filename)
              const next = inDatabase(filename, stateOf)
              const moved = !isSame(before, after, "")
              const again = beginsAgain(before, after)
              seen.moved += moved ? 1 : 0
              seen.again += again ? 1 : 0
              if (moved || again || i % tornEvery === 0) yield* tornAll(before, after, [state, next])
              // Else a loss of all of it would not be seen.
              if (fresh.length > 0) assert.notStrictEqual(next, state)
              accepted.push(...fresh)
              before = after
              state = next
            }
          })
        )
        assert.isAbove(seen.moved, 0, "the log was moved into the file")
        assert.isAbove(seen.again, 0, "the log began again")
        if (process.env["TORN_SHOW"] !== undefined) console.log(JSON.stringify({ ...seen, accepted: accepted.length }))
      }).pipe(Random.withSeed(seed), Effect.scoped),
    600_000
  )
})
