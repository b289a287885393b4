/** Receipts, typing, profiles and who has sent too much, for other servers, gathered for a moment. Overflow policy: past a bound they are not told. */
import type { UserId } from "../../domain/Ids.ts"
import type { StoredProfile } from "../storage/UserData.ts"
import type { CursorMoved } from "./News.ts"
import type { Message, TypingSeen } from "./Wire.ts"

/** What may gather between two turns. */
const most = 5_000
/** What goes into one message. */
const atOnce = 200

export class Soft {
  readonly #publish: (message: Message) => void
  /** By whose they are; a later one says it all. */
  #receipts = new Map<string, CursorMoved>()
  #typing: Array<TypingSeen> = []
  readonly #flooded = new Set<UserId>()
  readonly #profiles = new Map<UserId, StoredProfile>()

  constructor(publish: (message: Message) => void) {
    this.#publish = publish
  }

  get isEmpty(): boolean {
    return this.#receipts.size + this.#typing.length + this.#flooded.size + this.#profiles.size === 0
  }

  moved(moved: CursorMoved): void {
    const key = `${moved.user} ${moved.conversation}`
    if (this.#receipts.has(key) || this.#receipts.size < most) this.#receipts.set(key, moved)
  }

  typing(sign: TypingSeen): void {
    if (this.#typing.length < most) this.#typing.push(sign)
  }

  flooded(user: UserId): void {
    if (this.#flooded.size < most) this.#flooded.add(user)
  }

  profile(profile: StoredProfile): void {
    if (this.#profiles.has(profile.user) || this.#profiles.size < most) this.#profiles.set(profile.user, profile)
  }

  tell(): void {
    for (const profile of this.#profiles.values()) {
      this.#publish({ _: "soft", receipts: [], typing: [], profiles: [profile] })
    }
    this.#profiles.clear()
    if (this.#flooded.size > 0) {
      this.#publish({ _: "soft", receipts: [], typing: [], flooded: Array.from(this.#flooded) })
      this.#flooded.clear()
    }
    const [receipts, typing] = [Array.from(this.#receipts.values()), this.#typing]
    this.#receipts = new Map()
    this.#typing = []
    for (let from = 0; from < Math.max(receipts.length, typing.length); from += atOnce) {
      this.#publish({
        _: "soft",
        receipts: receipts.slice(from, from + atOnce),
        typing: typing.slice(from, from + atOnce)
      })
    }
  }
}
