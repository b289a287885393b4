/** What somebody wrote and nobody has yet, kept in the browser: a key for each, so that tabs do not overwrite each other. */

/** What was put there, if anything was that can be read. */
export const readFrom = (storage: Storage, key: string): unknown => {
  try {
    return JSON.parse(storage.getItem(key) ?? "null")
  } catch {
    return undefined
  }
}

/** `name` should name the user. What `is` does not know, as from another version, is passed over. */
export const makeShelf = <A>(name: string, is: (u: unknown) => u is A, storage: Storage = localStorage) => {
  const prefix = `${name}:`
  const read = (key: string): A | undefined => {
    const value = readFrom(storage, key)
    return is(value) ? value : undefined
  }
  return {
    all: (): ReadonlyArray<A> =>
      Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "")
        .filter((key) => key.startsWith(prefix))
        .flatMap((key) => read(key) ?? []),
    get: (key: string) => read(prefix + key),
    put: (key: string, value: A) => {
      try {
        storage.setItem(prefix + key, JSON.stringify(value))
      } catch {
        // Without room it is kept as long as the page is.
      }
    },
    remove: (key: string) => storage.removeItem(prefix + key)
  }
}
