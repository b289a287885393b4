/** What somebody wrote and nobody has yet, kept in the browser: a key for each, so that tabs do not overwrite each other. */

export interface Shelf<A> {
  readonly all: () => ReadonlyArray<A>
  readonly get: (key: string) => A | undefined
  /** False when there is no room. */
  readonly put: (key: string, value: A) => boolean
  readonly remove: (key: string) => void
}

const parse = (text: string | null): unknown => {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `name` should name the user. What `is` does not know, as from another version, is passed over. */
export const makeShelf = <A>(name: string, is: (u: unknown) => u is A, storage: Storage = localStorage): Shelf<A> => {
  const prefix = `${name}:`
  const get = (key: string): A | undefined => {
    const value = parse(storage.getItem(key))
    return is(value) ? value : undefined
  }
  return {
    all: () =>
      Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "")
        .filter((key) => key.startsWith(prefix))
        .flatMap((key) => get(key) ?? []),
    get: (key) => get(prefix + key),
    put: (key, value) => {
      try {
        storage.setItem(prefix + key, JSON.stringify(value))
        return true
      } catch {
        return false
      }
    },
    remove: (key) => storage.removeItem(prefix + key)
  }
}
