/**
 * The tables of the search index in SQLite. A text is written into `search_pending` by its commit, and read from there until
 * some thousands have gathered, which become a block: an index of its own, written once. So a commit has next to nothing to
 * do, and a search goes through blocks, the newest first, and stops where it has enough. Sixteen blocks become one, so that
 * there are few of them to look into.
 */
export const sqliteSearchTables: ReadonlyArray<string> = [
  // The last row always stays, so that no id is given twice. `stale`: blocks may have it as it was.
  `CREATE TABLE search_pending (
    id integer PRIMARY KEY,
    conversation text NOT NULL,
    seq integer NOT NULL,
    at integer NOT NULL,
    stale integer NOT NULL
  )`,
  `CREATE INDEX search_pending_stale ON search_pending (id) WHERE stale = 1`,
  `CREATE TABLE search_conversations (number integer PRIMARY KEY, id text NOT NULL UNIQUE)`,
  // Without a size it is not ready, or not any more. Of each text its conversation and its sender.
  `CREATE TABLE search_blocks (
    block integer PRIMARY KEY AUTOINCREMENT,
    size integer NOT NULL,
    first_at integer NOT NULL,
    last_at integer NOT NULL,
    numbers blob NOT NULL,
    senders blob NOT NULL
  )`,
  `CREATE INDEX search_blocks_by_time ON search_blocks (last_at, block, first_at) WHERE size > 0`,
  // Of each text its conversation, its place and its time: some of a block in a row (`partId`).
  `CREATE TABLE search_texts (id integer PRIMARY KEY, texts blob NOT NULL)`,
  // Many words in a row, by the first of them.
  `CREATE TABLE search_words (
    block integer NOT NULL,
    word text NOT NULL,
    words text NOT NULL,
    texts blob NOT NULL,
    PRIMARY KEY (block, word)
  ) WITHOUT ROWID`,
  // What was there before is brought in from this place on downwards; without the row, all is brought in anew.
  `CREATE TABLE search_state (name text PRIMARY KEY NOT NULL, value integer NOT NULL) WITHOUT ROWID`,
  `INSERT INTO search_state (name, value) SELECT 'below', COALESCE(max(rowid), 0) + 1 FROM entries`
]
