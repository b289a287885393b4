/** What groups are beside their members, in memory. */
import type { ConversationId, FileId, Invite, UserId } from "../../domain/Ids.ts"
import type { BanRow, CommitGroups, DetailsRow, InviteRow } from "./groupCommit.ts"

export class MemoryGroups implements CommitGroups {
  readonly #details = new Map<ConversationId, DetailsRow>()
  readonly #bans = new Map<ConversationId, Map<UserId, BanRow>>()
  readonly #invites = new Map<Invite, InviteRow>()

  details(conversation: ConversationId): DetailsRow | undefined {
    return this.#details.get(conversation)
  }

  putDetails(row: DetailsRow): void {
    this.#details.set(row.conversation, row)
  }

  isBanned(conversation: ConversationId, user: UserId): boolean {
    return this.#bans.get(conversation)?.has(user) ?? false
  }

  bans(conversation: ConversationId): number {
    return this.#bans.get(conversation)?.size ?? 0
  }

  /** By user. */
  bansOf(conversation: ConversationId): ReadonlyArray<BanRow> {
    return Array.from(this.#bans.get(conversation)?.values() ?? []).sort((a, b) => a.user_id < b.user_id ? -1 : 1)
  }

  ban(row: BanRow): void {
    let bans = this.#bans.get(row.conversation)
    if (bans === undefined) this.#bans.set(row.conversation, bans = new Map())
    bans.set(row.user_id, row)
  }

  unban(conversation: ConversationId, user: UserId): void {
    this.#bans.get(conversation)?.delete(user)
  }

  invite(invite: Invite): InviteRow | undefined {
    return this.#invites.get(invite)
  }

  putInvite(row: InviteRow): void {
    this.#invites.set(row.invite, row)
  }

  removeInvite(invite: Invite): void {
    this.#invites.delete(invite)
  }

  /** The oldest first. */
  invitesOf(conversation: ConversationId): ReadonlyArray<InviteRow> {
    return Array.from(this.#invites.values()).filter((row) => row.conversation === conversation)
  }

  spend(invite: Invite): void {
    const row = this.#invites.get(invite)
    if (row !== undefined && row.uses_left !== null) {
      this.#invites.set(invite, { ...row, uses_left: row.uses_left - 1 })
    }
  }

  /** Files that are gone are nobody's picture. */
  dropAvatars(isGone: (file: FileId) => boolean): void {
    for (const row of this.#details.values()) {
      if (row.avatar !== null && isGone(row.avatar)) this.#details.set(row.conversation, { ...row, avatar: null })
    }
  }
}
