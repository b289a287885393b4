/** Where messages wait that have no answer yet. What is put is there after a restart, as far as the storage lasts. */
import { fieldOf, parse } from "./json.ts"
import type { PendingMessage } from "./types.ts"

/** Each method may be synchronous or answer a promise. One client at a time uses a storage. */
export interface OutboxStorage {
  /** Everything that was put and not removed, in the order in which it was put. */
  readonly load: () => ReadonlyArray<PendingMessage> | Promise<ReadonlyArray<PendingMessage>>
  /** The message is not sent before this is done; a failure refuses it. */
  readonly put: (message: PendingMessage) => void | Promise<void>
  readonly remove: (id: string) => void | Promise<void>
}

/** Forgets everything with the process. */
export const memoryOutbox = (): OutboxStorage => {
  const messages = new Map<string, PendingMessage>()
  return {
    load: () => Array.from(messages.values()),
    put: (message) => void messages.set(message.id, message),
    remove: (id) => void messages.delete(id)
  }
}

/** The part of `localStorage` that is used. */
export interface KeyValue {
  readonly length: number
  readonly key: (index: number) => string | null
  readonly getItem: (key: string) => string | null
  readonly setItem: (key: string, value: string) => void
  readonly removeItem: (key: string) => void
}

const isFiles = (u: unknown): boolean =>
  u === undefined || Array.isArray(u) && u.every((each) => typeof fieldOf(each, "file") === "string")

const isNames = (u: unknown): boolean =>
  u === undefined || Array.isArray(u) && u.every((each) => typeof each === "string")

const isObject = (u: unknown): boolean => u === undefined || typeof u === "object" && u !== null && !Array.isArray(u)

/** What an earlier version or another program left there is no message of ours. */
export const isPending = (u: unknown): u is PendingMessage =>
  typeof fieldOf(u, "id") === "string" && typeof fieldOf(u, "text") === "string" &&
  typeof fieldOf(u, "at") === "number" && typeof fieldOf(u, "target") === "object" &&
  isFiles(fieldOf(u, "attachments")) && isNames(fieldOf(u, "mentions")) && isObject(fieldOf(u, "data"))

/**
 * `localStorage`, a key for each message, so that tabs which share it do not overwrite each other. `prefix` should
 * name the user and the device: what one left must not be said by another. An id may have a `:`, which ends the prefix of
 * another, so encode it.
 */
export const localStorageOutbox = (prefix: string, storage: KeyValue = globalThis.localStorage): OutboxStorage => ({
  load: () =>
    Array.from({ length: storage.length }, (_, i) => storage.key(i))
      .filter((key) => key !== null && key.startsWith(`${prefix}:`))
      .map((key) => parse(storage.getItem(key!)))
      .filter(isPending)
      .sort((a, b) => a.at - b.at),
  put: (message) => storage.setItem(`${prefix}:${message.id}`, JSON.stringify(message)),
  remove: (id) => storage.removeItem(`${prefix}:${id}`)
})
