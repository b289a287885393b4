/** A case of the contract of a directory, and the names that it has for itself: all cases can run on one store. */
import { Effect, Random } from "effect"
import assert from "node:assert/strict"
import { GroupId, UserId } from "../../domain/Ids.ts"
import { Directory } from "../../services/storage/Directory.ts"
import { MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"
import { lastOf } from "../contract/lastOf.ts"

export interface DirectoryCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, Directory | MessageStore>
}

export interface Names {
  readonly directory: Directory["Service"]
  readonly store: MessageStore["Service"]
  /** What all names of the case begin with. */
  readonly mark: string
  /** Of all that are made in a case, in the order of what stands in `name`; nobody else's name lies between them. */
  readonly user: (name: string) => UserId
  readonly group: (name: string) => GroupId
  /** The users of this case that are listed, page by page. */
  readonly listed: (limit: number) => Effect.Effect<ReadonlyArray<string>, StoreError>
}

export const freshNames: Effect.Effect<Names, never, Directory | MessageStore> = Effect.gen(function*() {
  const directory = yield* Directory
  const store = yield* MessageStore
  const mark = `u${(yield* Random.nextIntBetween(0, 36 ** 8)).toString(36).padStart(6, "0")}`
  const user = (name: string) => UserId.make(`${mark}-${name}`)
  return {
    directory,
    store,
    mark,
    user,
    group: (name) => GroupId.make(`${mark}-${name}`),
    listed: Effect.fnUntraced(function*(limit) {
      const found: Array<string> = []
      let after = `${mark}-` as UserId
      while (true) {
        const page = yield* directory.users({ after, limit })
        assert.ok(page.users.length <= limit)
        for (const { user } of page.users) {
          if (!user.startsWith(`${mark}-`)) return found
          found.push(user.slice(mark.length + 1))
        }
        if (!page.hasMore) return found
        after = lastOf(page.users, found.length).user
      }
    })
  }
})

export const directoryCase = (
  name: string,
  body: (names: Names) => Effect.fn.Return<void, StoreError, Directory | MessageStore>
): DirectoryCase => ({
  name,
  effect: Effect.gen(function*() {
    yield* body(yield* freshNames)
  })
})
