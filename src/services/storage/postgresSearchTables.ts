/** The tables of the search index in Postgres. */

const queue = (name: string): string =>
  `CREATE TABLE ${name} (at int8 NOT NULL, conversation text COLLATE "C" NOT NULL, seq int8 NOT NULL)`

/**
 * Texts are in the order of their time, so that new ones come where the last ones came, and the newest are looked at first.
 * A commit only notes which texts are new (`search_pending`) and which are not any more what they were (`search_stale`):
 * measured, their words in the commit itself cost it a sixth, and most of that is hidden when somebody else brings them
 * in. Plans are not to depend on what is known about the words.
 */
export const postgresSearchTables: ReadonlyArray<string> = [
  queue("search_pending"),
  queue("search_stale"),
  `CREATE TABLE search_texts (
    at int8 NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    seq int8 NOT NULL,
    sender text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (at, conversation, seq)
  )`,
  `ALTER TABLE search_texts ALTER COLUMN words SET STATISTICS 0`,
  `CREATE INDEX search_texts_by_word ON search_texts USING gin (words) WITH (gin_pending_list_limit = 16384)`,
  // Of what was there before, everything from a place on is in the index; the span that is being read reaches down to a time.
  `CREATE TABLE search_fill (
    only_one bool PRIMARY KEY DEFAULT true CHECK (only_one),
    at int8 NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    seq int8 NOT NULL,
    down_to int8 NOT NULL,
    span int8 NOT NULL,
    entries_left int8 NOT NULL
  )`,
  `INSERT INTO search_fill (at, conversation, seq, down_to, span, entries_left)
    SELECT ${Number.MAX_SAFE_INTEGER}, '', 0, COALESCE(max(last_at), 0) - 60000, 60000,
      COALESCE(sum(head_seq - first_seq + 1), 0)
    FROM conversations`
]
