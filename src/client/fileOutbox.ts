/** The outbox as a file: a line for each message that was put or removed, rewritten when most of it is of the past. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync
} from "node:fs"
import { fieldOf, parse } from "./json.ts"
import { isPending, type OutboxStorage } from "./OutboxStorage.ts"
import type { PendingMessage } from "./types.ts"

/** Fewer are not worth a rewrite. */
const minDeadLines = 1_000

/** A line that a crash cut short is passed over. */
const read = (path: string): Map<string, PendingMessage> => {
  const messages = new Map<string, PendingMessage>()
  if (!existsSync(path)) return messages
  for (const text of readFileSync(path, "utf8").split("\n")) {
    const line = text === "" ? undefined : parse(text)
    const removed = fieldOf(line, "removed")
    if (typeof removed === "string") messages.delete(removed)
    else if (isPending(line)) messages.set(line.id, line)
  }
  return messages
}

/** As a whole or not at all. */
const write = (path: string, messages: ReadonlyArray<PendingMessage>): void => {
  const temporary = `${path}.new`
  const file = openSync(temporary, "w", 0o600)
  try {
    // Not `writeSync`, which may write a part and say so.
    writeFileSync(file, messages.map((message) => `${JSON.stringify(message)}\n`).join(""))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** Synchronous, so that what was put is with the operating system before it is sent. Only its user may read the file. */
export const fileOutbox = (path: string): OutboxStorage => {
  /** Lines that a rewrite would leave out. */
  let dead = 0
  let waiting = new Set<string>()

  const append = (line: object) => appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 })

  const rewrite = (): ReadonlyArray<PendingMessage> => {
    const messages = Array.from(read(path).values())
    if (existsSync(path)) write(path, messages)
    dead = 0
    waiting = new Set(messages.map(({ id }) => id))
    return messages
  }

  return {
    load: rewrite,
    put: (message) => {
      append(message)
      if (waiting.has(message.id)) dead++
      waiting.add(message.id)
    },
    remove: (id) => {
      append({ removed: id })
      waiting.delete(id)
      dead += 2
      // A program that never ends must not fill its disk; in proportion, so that each message pays a little of it.
      if (dead < Math.max(minDeadLines, 4 * waiting.size)) return
      try {
        rewrite()
      } catch {
        // The line above is what counts; without room for a shorter file the longer one stays, and is tried again.
        dead = 0
      }
    }
  }
}
