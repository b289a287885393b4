/** Somebody with a hundred thousand conversations, and a hundred in which only they have talked, written beside the server. */
import { DatabaseSync } from "node:sqlite"

const numbers = (count: number) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`

export const giveMuch = (file: string, user: string): void => {
  const db = new DatabaseSync(file, { timeout: 10_000 })
  const quiet = `dm:${user}:`
  const long = `dm:long-${user}:`
  db.exec(`
    BEGIN IMMEDIATE;
    ${numbers(100_000)} INSERT INTO conversations (id, kind, head_seq, first_seq)
      SELECT '${quiet}peer' || i, 'direct', 1, 2 FROM n;
    ${numbers(100)} INSERT INTO conversations (id, kind, head_seq, first_seq)
      SELECT '${long}peer' || i, 'direct', 10000, 1 FROM n;
    INSERT INTO members (user_id, conversation, role, joined_seq, read_seq, delivered_seq)
      SELECT '${user}', id, 'member', 1, 0, 0 FROM conversations WHERE id LIKE '${quiet}%' OR id LIKE '${long}%';
    INSERT INTO devices (user_id, device, conversation, received_seq)
      SELECT '${user}', 'default', c.id, c.head_seq FROM conversations c WHERE c.id LIKE '${quiet}%' OR c.id LIKE '${long}%';
    ${numbers(10_000)} INSERT INTO entries (conversation, seq, message_id, sender, kind, body, flag, at)
      SELECT c.id, i, 'much', '${user}', 'text', 'one of many texts', 0, 0 FROM n, conversations c WHERE c.id LIKE '${long}%';
    COMMIT`)
  db.close()
}
