/** The outbox as a file: a line for each message that was put or removed, rewritten when it is read. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync
} from "node:fs"
import { isPending, type OutboxStorage, parse } from "./OutboxStorage.ts"
import type { PendingMessage } from "./types.ts"

const removedOf = (line: unknown): string | undefined =>
  typeof line === "object" && line !== null && "removed" in line && typeof line.removed === "string"
    ? line.removed
    : undefined

/** A line that a crash cut short is passed over. */
const read = (path: string): Map<string, PendingMessage> => {
  const messages = new Map<string, PendingMessage>()
  if (!existsSync(path)) return messages
  for (const text of readFileSync(path, "utf8").split("\n")) {
    const line = text === "" ? undefined : parse(text)
    const removed = removedOf(line)
    if (removed !== undefined) messages.delete(removed)
    else if (isPending(line)) messages.set(line.id, line)
  }
  return messages
}

/** As a whole or not at all. */
const write = (path: string, messages: ReadonlyArray<PendingMessage>): void => {
  const temporary = `${path}.new`
  const file = openSync(temporary, "w", 0o600)
  writeSync(file, messages.map((message) => `${JSON.stringify(message)}\n`).join(""))
  fsyncSync(file)
  closeSync(file)
  renameSync(temporary, path)
}

/** Synchronous, so that what was put is with the operating system before it is sent. Only its user may read the file. */
export const fileOutbox = (path: string): OutboxStorage => {
  const append = (line: object) => appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 })
  return {
    load: () => {
      const messages = Array.from(read(path).values())
      if (existsSync(path)) write(path, messages)
      return messages
    },
    put: append,
    remove: (id) => append({ removed: id })
  }
}
