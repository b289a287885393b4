/** How people are shown, in memory, and by what they are found. */
import { Effect } from "effect"
import type { FileId, UserId } from "../../domain/Ids.ts"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import type { FindOptions, FoundPage, FoundUser } from "./Directory.ts"
import type { MemoryFiles } from "./MemoryFiles.ts"
import { pictureSeq, profileHolder } from "./pictures.ts"
import { fileIn, patchProfile, type ProfileChange, type ProfilePatch, withPicture, wordsOf } from "./profileRules.ts"
import type { StoredProfile } from "./UserData.ts"

const compare = (a: FoundUser, b: FoundUser): number =>
  a.word < b.word ? -1 : a.word > b.word ? 1 : a.user < b.user ? -1 : a.user > b.user ? 1 : 0

/** As many new words are looked at one by one; with more of them all are sorted again. */
const mostUnsorted = 1_000

/** Words looked at in one turn of the event loop. */
const perTurn = 2_000

interface Kept {
  readonly profile: StoredProfile
  readonly words: ReadonlySet<string>
}

export class MemoryProfiles {
  readonly #files: MemoryFiles
  readonly #kept = new Map<UserId, Kept>()
  /** With words of which some are none's any more. */
  #sorted: ReadonlyArray<FoundUser> = []
  #unsorted: Array<FoundUser> = []

  constructor(files: MemoryFiles) {
    this.#files = files
  }

  get(user: UserId): StoredProfile | undefined {
    const kept = this.#kept.get(user)
    // Its picture may have been removed meanwhile, or let pass.
    return kept === undefined ? undefined : withPicture(kept.profile, this.#file)
  }

  has(user: UserId): boolean {
    return this.#kept.has(user)
  }

  keys(): Iterable<UserId> {
    return this.#kept.keys()
  }

  put(profile: StoredProfile): void {
    const { user } = profile
    const next = withPicture({ source: "admin", ...profile }, this.#file)
    this.#show(user, fileIn(next))
    const before = this.#kept.get(user)
    const words = new Set(wordsOf(next))
    for (const word of words) if (before?.words.has(word) !== true) this.#unsorted.push({ user, word })
    this.#kept.set(user, { profile: next, words })
  }

  patch(patch: ProfilePatch): ProfileChange {
    const change = patchProfile(this.get(patch.user), patch, this.#file)
    if (change._tag === "Set" && change.changed) this.put(change.profile)
    return change
  }

  erase(user: UserId): void {
    this.#show(user, undefined)
    this.#kept.delete(user)
  }

  readonly find = Effect.fnUntraced(
    { self: this },
    function*({ after, limit, prefix }: FindOptions, among?: ReadonlySet<UserId>): Effect.fn.Return<FoundPage> {
      if (prefix === "") return { found: [], hasMore: false }
      this.#sort()
      const sorted = this.#sorted
      const isWanted = (each: FoundUser): boolean =>
        each.word.startsWith(prefix) && (after === undefined || compare(each, after) > 0) &&
        this.#kept.get(each.user)?.words.has(each.word) === true && among?.has(each.user) !== false
      const found: Array<FoundUser> = []
      let looked = 0
      for (let at = this.#placeOf(after ?? { word: prefix, user: "" as UserId }); at < sorted.length; at++) {
        const each = sorted[at]!
        if (!each.word.startsWith(prefix)) break
        if (isWanted(each)) found.push(each)
        if (found.length > limit) break
        if (++looked % perTurn === 0) yield* nextTurn
      }
      for (const each of this.#unsorted) if (isWanted(each)) found.push(each)
      found.sort(compare)
      // A name that somebody has again has its words twice.
      const once = found.filter((each, i) => i === 0 || compare(each, found[i - 1]!) !== 0)
      return { found: once.slice(0, limit), hasMore: once.length > limit }
    }
  )

  readonly #file = (name: string) => this.#files.get(name as FileId)

  #show(user: UserId, file: FileId | undefined): void {
    const before = this.#kept.get(user)
    const shown = before === undefined ? undefined : fileIn(before.profile)
    if (shown === file) return
    if (shown !== undefined) this.#files.drop(shown, profileHolder(user), pictureSeq)
    if (file !== undefined) this.#files.use(file, profileHolder(user), pictureSeq)
  }

  #sort(): void {
    if (this.#unsorted.length <= mostUnsorted) return
    const all = [...this.#sorted, ...this.#unsorted].filter(({ user, word }) =>
      this.#kept.get(user)?.words.has(word) === true
    )
    this.#sorted = all.sort(compare)
    this.#unsorted = []
  }

  #placeOf(first: FoundUser): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compare(this.#sorted[middle]!, first) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
