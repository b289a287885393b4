/** The outbox in IndexedDB: more room than `localStorage`, and a message is on the disk before it is sent. */
import { isPending, type OutboxStorage } from "./OutboxStorage.ts"

interface Events {
  readonly addEventListener: (type: string, listener: () => void) => void
}

interface Asked<A> extends Events {
  readonly result: A
  readonly error: unknown
}

interface Store {
  readonly getAll: () => Asked<ReadonlyArray<unknown>>
  readonly put: (value: object) => unknown
  readonly delete: (key: string) => unknown
}

interface Transaction extends Events {
  readonly error: unknown
  readonly objectStore: (name: string) => Store
}

interface Database {
  readonly createObjectStore: (name: string, options: { readonly keyPath: string }) => unknown
  readonly transaction: (
    name: string,
    mode: "readonly" | "readwrite",
    options?: { readonly durability: "strict" }
  ) => Transaction
}

/** The part of `indexedDB` that is used. */
export interface IndexedDb {
  readonly open: (name: string, version: number) => Asked<Database>
}

const messages = "messages"

const answer = <A>(asked: Asked<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    asked.addEventListener("success", () => resolve(asked.result))
    asked.addEventListener("error", () => reject(asked.error))
  })

const committed = (transaction: Transaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve())
    transaction.addEventListener("abort", () => reject(transaction.error))
  })

/**
 * A database of its own, `name`, which should name the user and the device: what one left must not be said by another.
 */
export const indexedDbOutbox = (
  name: string,
  factory = (globalThis as { readonly indexedDB?: IndexedDb }).indexedDB
): OutboxStorage => {
  let opened: Promise<Database> | undefined
  const open = (): Promise<Database> => {
    if (opened !== undefined) return opened
    if (factory === undefined) return Promise.reject(new Error("There is no IndexedDB here."))
    const asked = factory.open(name, 1)
    asked.addEventListener("upgradeneeded", () => void asked.result.createObjectStore(messages, { keyPath: "id" }))
    opened = answer(asked)
    // The next message tries again.
    opened.catch(() => opened = undefined)
    return opened
  }
  const change = (act: (store: Store) => void): Promise<void> =>
    open().then((database) => {
      const transaction = database.transaction(messages, "readwrite", { durability: "strict" })
      act(transaction.objectStore(messages))
      return committed(transaction)
    })
  return {
    load: () =>
      open()
        .then((database) => answer(database.transaction(messages, "readonly").objectStore(messages).getAll()))
        .then((all) => all.filter(isPending).sort((a, b) => a.at - b.at)),
    put: (message) => change((store) => store.put(message)),
    remove: (id) => change((store) => store.delete(id))
  }
}
