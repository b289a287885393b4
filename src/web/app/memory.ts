/**
 * What this browser last showed one user, in IndexedDB: a database of its own for each, so that nobody is shown what another
 * saw, and so that it goes as a whole. Where there is none, the page works without.
 */
import { dressed } from "../state/log.ts"
import type { Conversation } from "../state/model.ts"
import type { People } from "../state/person.ts"
import { keep, type Kept } from "../state/recalled.ts"

const storeName = "conversations"

/** Pages under other paths are other chats. */
const nameOf = (user: string): string => `switchboard.shown ${new URL("./", document.baseURI).pathname} ${user}`

const answer = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error))
  })

const isKept = (u: unknown): u is Kept =>
  typeof u === "object" && u !== null && "conversation" in u && typeof u.conversation === "object"

/** A conversation that is not held here may be held by another tab, which has written its messages. */
const merged = (before: unknown, conversation: Conversation, people: People): Kept => {
  if (conversation.high > 0 || !isKept(before)) return keep(conversation, people)
  const { high, items, low } = before.conversation
  const held = { ...conversation, high, low, items: items.map((item) => dressed(conversation, item)) }
  const now = keep(held, people)
  return { ...now, names: { ...before.names, ...now.names } }
}

export const makeMemory = (user: string, factory: IDBFactory | undefined) => {
  let opened: Promise<IDBDatabase> | undefined
  let ended = false

  const open = (): Promise<IDBDatabase> => {
    if (opened !== undefined) return opened
    if (factory === undefined || ended) return Promise.reject(new Error("Nothing is kept here."))
    const asked = factory.open(nameOf(user), 1)
    asked.addEventListener("upgradeneeded", () => void asked.result.createObjectStore(storeName, { keyPath: "id" }))
    opened = answer(asked).then((database) => {
      // Another tab signs out: it has to be able to take all of it away.
      database.addEventListener("versionchange", () => database.close())
      return database
    })
    return opened
  }

  return {
    load: async (): Promise<ReadonlyArray<Kept>> => {
      const database = await open()
      const all: ReadonlyArray<unknown> = await answer(
        database.transaction(storeName, "readonly").objectStore(storeName).getAll()
      )
      return all.filter(isKept)
    },
    /** Writes these, and takes away all that are not among `ids`. Those in `bare` lose their messages. */
    save: async (
      changed: ReadonlyArray<Conversation>,
      people: People,
      ids: ReadonlySet<string>,
      bare: ReadonlySet<string> = new Set()
    ): Promise<void> => {
      const store = (await open()).transaction(storeName, "readwrite").objectStore(storeName)
      await Promise.all(changed.map(async (conversation) => {
        const { id } = conversation
        const before: unknown = bare.has(id) ? undefined : await answer(store.get(id))
        store.put(merged(before, conversation, people))
      }))
      for (const key of await answer(store.getAllKeys())) {
        if (typeof key === "string" && !ids.has(key)) store.delete(key)
      }
    },
    /** Nothing is written from here on; what is there stays. */
    stop: () => {
      ended = true
    },
    /** Nothing of it stays. */
    forget: async (): Promise<void> => {
      ended = true
      const database = await opened?.catch(() => undefined)
      database?.close()
      opened = undefined
      factory?.deleteDatabase(nameOf(user))
    }
  }
}

export type Memory = ReturnType<typeof makeMemory>
