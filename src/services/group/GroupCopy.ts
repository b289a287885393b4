/** What a `GroupActor` knows of its group: a copy of what the store has, read again when it may be another. */
import { Effect } from "effect"
import { type GroupDetails, noDetails } from "../../domain/groupDetails.ts"
import type { Members } from "../../domain/groupRules.ts"
import type { GroupId } from "../../domain/Ids.ts"
import { ask } from "../kernel/Mailbox.ts"
import { GroupAudience, type LateEntry, membersAt } from "../session/Audience.ts"
import type { GroupState, StoreError } from "../storage/MessageStore.ts"
import type { GroupServices } from "./GroupChanges.ts"
import { detailsOf } from "./GroupInfo.ts"

export class GroupCopy {
  readonly #group: GroupId
  readonly #services: GroupServices
  #isLoaded = false
  /** The group may be another than is known here. */
  #isDoubtful = false
  #isLost = false
  #audience: GroupAudience
  #details: GroupDetails = noDetails
  #late: Array<LateEntry> = []
  #headSeq = 0

  constructor(group: GroupId, services: GroupServices) {
    this.#group = group
    this.#services = services
    this.#audience = this.#audienceOf(new Map(), 0)
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** The store could not say what the group is like by now. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Entries wait for members whom the store knows better. */
  get hasLate(): boolean {
    return this.#late.length > 0
  }

  /** Before anything else is done, it is to be read again. */
  get isOld(): boolean {
    return this.#isDoubtful || this.hasLate
  }

  get audience(): GroupAudience {
    return this.#audience
  }

  get details(): GroupDetails {
    return this.#details
  }

  /** When it was last read. */
  get headSeq(): number {
    return this.#headSeq
  }

  doubt(): void {
    this.#isDoubtful = true
  }

  takeLate(entry: LateEntry): void {
    this.#late.push(entry)
  }

  /** Who hears of the next change, if it leaves these members. */
  nextAudience(members: Members): GroupAudience {
    return this.#audienceOf(members, this.#audience.version + 1)
  }

  /** A change was committed. */
  become(audience: GroupAudience, details: GroupDetails): void {
    this.#audience = audience
    this.#details = details
  }

  readonly load: Effect.Effect<GroupState | undefined, StoreError> = Effect.suspend(() =>
    this.#services.store.group(this.#group)
  ).pipe(
    Effect.tap((state) =>
      Effect.sync(() => {
        this.#headSeq = state?.headSeq ?? 0
        if (state !== undefined) this.#read(state)
        this.#isLoaded = true
      })
    )
  )

  #audienceOf(members: Members, version: number): GroupAudience {
    return new GroupAudience(members, version, (entry) => this.#services.late(this.#group, entry))
  }

  #read(state: GroupState): void {
    const { members, version } = state
    if (this.#isLoaded && version === this.#audience.version) return
    const before = this.#audience.members
    this.become(this.#audienceOf(new Map(members.map(({ role, user }) => [user, role])), version), detailsOf(state))
    if (!this.#isLoaded) return
    const now = this.#audience.members
    const come = Array.from(now.keys()).filter((user) => !before.has(user))
    const removed = Array.from(before.keys()).filter((user) => !now.has(user))
    if (come.length + removed.length > 0) this.#services.changed([...come, ...removed])
  }

  /**
   * Reads the group again and hands on what came for others than its members. First everything on its way has to have
   * come out: it was sent for the members as they were believed to be, and must not be overtaken.
   */
  readonly look: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    this.#isDoubtful = false
    const { persistence } = this.#services
    yield* ask((answer) => persistence.flush(() => answer(Effect.void)))
    const state = yield* this.load
    const late = this.#late
    this.#late = []
    for (const { deliver, seq } of late) {
      deliver(this.#audienceOf(membersAt(state?.members ?? [], seq), this.#audience.version))
    }
  }).pipe(
    Effect.catchTag("StoreError", () =>
      Effect.sync(() => {
        this.#isLost = true
      }))
  )
}
