/** What becomes of a profile when it is changed, and how people are found. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import type { FoundUser } from "../../services/storage/Directory.ts"
import type { StoreError } from "../../services/storage/MessageStore.ts"
import { foldedPrefix, type ProfilePatch } from "../../services/storage/profileRules.ts"
import { change, commit, created, text } from "../contract/commands.ts"
import { lastOf } from "../contract/lastOf.ts"
import { type DirectoryCase, directoryCase, type Names } from "./DirectoryCase.ts"

/** Ids and names that begin with the mark, so that nobody else is found; `names` in the order in which they are found. */
const finding = ({ directory, mark, user }: Names) => ({
  named: (people: Readonly<Record<string, string>>) =>
    Effect.forEach(
      Object.entries(people),
      ([id, name]) =>
        directory.patchProfile({ user: user(id), name: name.replaceAll("~", mark), source: "user", at: 1 }),
      {
        discard: true
      }
    ),
  find: Effect.fnUntraced(function*(prefix: string, among?: string, limit = 2): Effect.fn.Return<
    ReadonlyArray<string>,
    StoreError
  > {
    const found = new Set<string>()
    let after: FoundUser | undefined
    for (let pages = 1;; pages++) {
      const page = yield* directory.findUsers({
        prefix: foldedPrefix(prefix.replaceAll("~", mark)),
        limit,
        ...(after === undefined ? undefined : { after }),
        ...(among === undefined ? undefined : { among: user(among) })
      })
      assert.ok(page.found.length <= limit)
      for (const { user } of page.found) found.add(user.slice(mark.length + 1))
      if (!page.hasMore) return Array.from(found)
      after = lastOf(page.found, pages)
    }
  })
})

export const profileCases: ReadonlyArray<DirectoryCase> = [
  directoryCase("a change leaves what it does not name, and takes away what it says is empty", function*(
    { directory, user }
  ) {
    const a = user("a")
    const set = (patch: Omit<ProfilePatch, "user" | "source">) =>
      directory.patchProfile({ user: a, source: "user", ...patch })
    assert.deepEqual(yield* set({ name: "Anna", status: "Here", at: 5 }), {
      _tag: "Set",
      profile: { user: a, name: "Anna", status: "Here", source: "user", updatedAt: 5 },
      changed: true
    })
    assert.deepEqual(yield* set({ status: "", at: 6 }), {
      _tag: "Set",
      profile: { user: a, name: "Anna", source: "user", updatedAt: 6 },
      changed: true
    })
    // The same again is no change, and a clock that goes back makes it no older.
    assert.deepEqual(yield* set({ name: "Anna", at: 9 }), {
      _tag: "Set",
      profile: { user: a, name: "Anna", source: "user", updatedAt: 6 },
      changed: false
    })
    yield* set({ name: "Ann", at: 2 })
    assert.deepEqual(yield* directory.profiles([a]), [{ user: a, name: "Ann", source: "user", updatedAt: 7 }])
    yield* set({ name: "", at: 8 })
    assert.deepEqual(yield* directory.profiles([a]), [{ user: a, source: "user", updatedAt: 8 }])
  }),

  directoryCase("two devices that change a profile at once lose nothing of each other", function*({ directory, user }) {
    const a = user("a")
    const fields = ["name", "status"] as const
    yield* Effect.forEach(
      Array.from({ length: 20 }, (_, i) => i),
      (i) => directory.patchProfile({ user: a, [fields[i % 2]!]: `${i}`, source: "user", at: 1 }),
      { concurrency: "unbounded", discard: true }
    )
    const [profile] = yield* directory.profiles([a])
    assert.ok(profile?.name !== undefined && profile.status !== undefined)
    assert.equal(profile.updatedAt, 20)
  }),

  directoryCase("claims are the first profile, and change nothing that anybody else has said", function*(
    { directory, user }
  ) {
    const a = user("a")
    const claim = (name: string, at: number) => directory.patchProfile({ user: a, name, source: "claims", at })
    yield* claim("Anna at work", 1)
    yield* claim("Anna at home", 2)
    assert.deepEqual(yield* directory.profiles([a]), [
      { user: a, name: "Anna at home", source: "claims", updatedAt: 2 }
    ])
    yield* directory.patchProfile({ user: a, status: "Away", source: "user", at: 3 })
    assert.equal((yield* claim("Anna at work", 4))._tag, "Set")
    assert.deepEqual(yield* directory.profiles([a]), [
      { user: a, name: "Anna at home", status: "Away", source: "user", updatedAt: 3 }
    ])
  }),

  directoryCase("people are found by the beginning of the name, of each of its words, and of the id", function*(names) {
    const { find, named } = finding(names)
    yield* named({
      one: "~ Änne-Marie Smith",
      two: "~  ANNEMARIE",
      three: "~O'Neil",
      four: "none of them",
      five: "🦊 ~ Fox",
      six: "Zoë (~q) ~Straße"
    })
    // In the order of the words that begin so: a name comes before the ids, where a space comes before a hyphen.
    assert.deepEqual(yield* find("~"), ["one", "two", "five", "four", "six", "three"])
    assert.deepEqual(yield* find("~ ann"), ["one", "two"])
    assert.deepEqual(yield* find("~ ÄNNE-m"), ["one"])
    assert.deepEqual(yield* find("  ~   fox "), ["five"])
    assert.deepEqual(yield* find("🦊 ~"), ["five"])
    assert.deepEqual([yield* find("~Q"), yield* find("~STRASSE"), yield* find("zoe (~")], [["six"], ["six"], ["six"]])
    assert.deepEqual(yield* find("~-FOUR"), ["four"])
    assert.deepEqual(yield* find("~ smith"), [])
  }),

  directoryCase("P9 what looks like a pattern is looked for as it is", function*(names) {
    const { find, named } = finding(names)
    yield* named({ one: "~% off", two: "~_a", three: "~'; DROP", four: "~abc", five: "~\\" })
    assert.deepEqual(yield* find("~%"), ["one"])
    assert.deepEqual(yield* find("~_"), ["two"])
    assert.deepEqual(yield* find("~'"), ["three"])
    assert.deepEqual(yield* find("~\\"), ["five"])
    assert.deepEqual(yield* find("~a%"), [])
    assert.deepEqual(yield* find(" \t "), [])
    assert.deepEqual(yield* find(""), [])
    assert.deepEqual(yield* find(`~${"x".repeat(128)}`), [])
  }),

  directoryCase("among people, only those who are in a conversation with the asker now", function*(names) {
    const { group, user } = names
    const { find, named } = finding(names)
    yield* named({ me: "~me", peer: "~peer", member: "~member", left: "~left", stranger: "~stranger" })
    yield* commit(
      text(user("me"), Conversation.direct(user("me"), user("peer")), "hello"),
      text(user("stranger"), Conversation.direct(user("stranger"), user("peer")), "hello"),
      created(group("g"), user("me"), { [user("member")]: "member", [user("left")]: "member" })
    )
    yield* commit(change(user("me"), group("g"), { action: "members_removed", members: [user("left")] }))
    assert.deepEqual((yield* find("~", "me")).toSorted(), ["me", "member", "peer"])
    assert.deepEqual(yield* find("~p", "me"), ["peer"])
    assert.deepEqual(yield* find("~m", "stranger"), [])
    assert.equal((yield* find("~", undefined, 100)).length, 5)
  }),

  directoryCase("a name that is another is not found any more, and found again when it comes back", function*(names) {
    const { find, named } = finding(names)
    yield* named({ a: "~old name" })
    yield* named({ a: "~new" })
    assert.deepEqual([yield* find("~old"), yield* find("~new")], [[], ["a"]])
    yield* named({ a: "~old name" })
    assert.deepEqual([yield* find("~old"), yield* find("~new")], [["a"], []])
  })
]
