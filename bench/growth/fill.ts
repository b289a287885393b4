/**
 * SQLite files with so many entries, as a server would have them. A million are written through the store, with the search
 * index; of ten million the rest are copies of these, later and further on in their conversations, written beside it.
 */
import { Effect } from "effect"
import { copyFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { Search } from "../../src/services/storage/Search.ts"
import { partId, partIn } from "../../src/services/storage/searchBlockTexts.ts"
import { SqliteMessageStore } from "../../src/services/storage/SqliteMessageStore.ts"
import { asker, pauseMillis, texts, write } from "../search/people.ts"

/** In so many of the asker's conversations there are so many messages that they have not got. */
const behind = { conversations: 10, messages: 100 }

const beside = <A>(file: string, f: (db: DatabaseSync) => A): A => {
  const db = new DatabaseSync(file)
  try {
    // Nothing of it has to outlive a crash.
    db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN")
    const answer = f(db)
    db.exec("COMMIT; PRAGMA journal_mode = WAL")
    return answer
  } finally {
    db.close()
  }
}

/** Everybody has got everything, but the asker. */
const settle = (db: DatabaseSync): void => {
  db.exec(`
    UPDATE members SET delivered_seq = (SELECT head_seq FROM conversations WHERE id = members.conversation);
    UPDATE members SET read_seq = delivered_seq;
    INSERT OR REPLACE INTO devices (user_id, device, conversation, received_seq)
      SELECT user_id, 'default', conversation, delivered_seq FROM members;
    UPDATE devices SET received_seq = max(0, received_seq - ${behind.messages}) WHERE user_id = '${asker}'
      AND conversation IN (SELECT conversation FROM members WHERE user_id = '${asker}' LIMIT ${behind.conversations})`)
}

/** As many as were written, through the store. */
export const fill = async (file: string, count: number): Promise<void> => {
  await Effect.runPromise(Effect.provide(write(texts(count)), SqliteMessageStore.layer({ filename: file })))
  beside(file, settle)
}

interface BlockRow {
  readonly block: number
  readonly size: number
  readonly first_at: number
  readonly last_at: number
  readonly numbers: Uint8Array
  readonly senders: Uint8Array
}

/** A block of the same texts, `copy` times as far on. */
const copyBlock = (db: DatabaseSync, row: BlockRow, copy: number, span: number, heads: ReadonlyMap<number, number>) => {
  const made = db.prepare(
    `INSERT INTO search_blocks (size, first_at, last_at, numbers, senders) VALUES (?, ?, ?, ?, ?) RETURNING block`
  ).get(row.size, row.first_at + copy * span, row.last_at + copy * span, row.numbers, row.senders)
  const block = Number(made!["block"])
  const insert = db.prepare(`INSERT INTO search_texts (id, texts) VALUES (?, ?)`)
  const parts = db.prepare(`SELECT id, texts FROM search_texts WHERE id >= ? AND id < ? ORDER BY id`)
  for (const { id, texts } of parts.all(partId(row.block, 0), partId(row.block + 1, 0))) {
    const bytes = (texts as Uint8Array).slice()
    const { ats, numbers, seqs } = partIn(bytes)
    for (let i = 0; i < ats.length; i++) {
      ats[i]! += copy * span
      seqs[i]! += copy * heads.get(numbers[i]!)!
    }
    insert.run(Number(id) - partId(row.block, 0) + partId(block, 0), bytes)
  }
  db.prepare(`INSERT INTO search_words (block, word, words, texts)
    SELECT ?, word, words, texts FROM search_words WHERE block = ?`).run(block, row.block)
}

/** Makes `to` of `from`, which has `count` entries, with `times` as many. */
export const multiply = async (from: string, to: string, count: number, times: number): Promise<void> => {
  copyFileSync(from, to)
  const span = count * pauseMillis
  beside(to, (db) => {
    const heads = new Map(
      db.prepare(`SELECT n.number, c.head_seq FROM search_conversations n JOIN conversations c ON c.id = n.id`).all()
        .map(({ head_seq, number }) => [Number(number), Number(head_seq)])
    )
    const blocks = db.prepare(`SELECT * FROM search_blocks WHERE size > 0 ORDER BY last_at`)
      .all() as unknown as ReadonlyArray<BlockRow>
    const entries = Number(db.prepare(`SELECT max(rowid) AS last FROM entries`).get()!["last"])
    const pending = Number(db.prepare(`SELECT max(id) AS last FROM search_pending`).get()!["last"])
    for (let copy = 1; copy < times; copy++) {
      db.exec(`
        INSERT INTO entries (conversation, seq, message_id, sender, client_id, kind, body, flag, at)
          SELECT e.conversation, e.seq + ${copy} * c.head_seq, e.message_id || '-${copy}', e.sender,
            e.client_id || '-${copy}', e.kind, e.body, e.flag, e.at + ${copy * span}
          FROM entries e CROSS JOIN conversations c ON c.id = e.conversation WHERE e.rowid <= ${entries} ORDER BY e.rowid;
        INSERT INTO search_pending (conversation, seq, at, stale)
          SELECT p.conversation, p.seq + ${copy} * c.head_seq, p.at + ${copy * span}, p.stale
          FROM search_pending p CROSS JOIN conversations c ON c.id = p.conversation WHERE p.id <= ${pending}`)
      for (const row of blocks) copyBlock(db, row, copy, span, heads)
    }
    const since = (times - 1) * span
    db.exec(`
      UPDATE conversations SET head_seq = head_seq * ${times}, last_seq = last_seq * ${times}, last_at = last_at + ${since};
      UPDATE members SET active_at = (SELECT last_at - last_at % 60000 FROM conversations WHERE id = members.conversation)`)
    settle(db)
  })
  const filled = Effect.flatMap(Search, (search) => Effect.repeat(search.fill, { while: (left) => left > 0 }))
  await Effect.runPromise(Effect.provide(filled, SqliteMessageStore.layer({ filename: to })))
}

/** Entries, and what a file has for each, in bytes. */
export const bytesPerEntry = (file: string): number => {
  const db = new DatabaseSync(file, { readOnly: true })
  const row = db.prepare(`SELECT (SELECT max(rowid) FROM entries) AS entries,
    (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS bytes`).get()!
  db.close()
  return Number(row["bytes"]) / Number(row["entries"])
}

/** How much the asker has not got. */
export const backlogIn = (file: string): number => {
  const db = new DatabaseSync(file, { readOnly: true })
  const row = db.prepare(`SELECT sum(c.head_seq - d.received_seq) AS entries FROM devices d
    JOIN conversations c ON c.id = d.conversation WHERE d.user_id = ?`).get(asker)!
  db.close()
  return Number(row["entries"])
}
