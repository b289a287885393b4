/** What a client asks about people, and what its user wants of conversations and groups. */
import { defined } from "../domain/defined.ts"
import type {
  ConversationSettings,
  GroupInfo,
  InviteInfo,
  InviteList,
  Muted,
  OwnSettings,
  ProfileList,
  ProfilePush,
  PushSubscriptions,
  Reported,
  UsersFound
} from "../domain/ServerFrame.ts"
import type { Answer, AskFor, Target } from "./types.ts"

/** What is left out stays; an empty string takes it away. */
export interface OwnProfile {
  readonly name?: string
  /** A file that was uploaded. */
  readonly avatar?: string
  readonly status?: string
}

/** What is left out stays; an empty string takes it away. */
export interface GroupFields {
  readonly name?: string
  readonly description?: string
  /** A file that was uploaded. */
  readonly avatar?: string
}

/** What a browser's `PushSubscription` is as JSON. */
export interface PushSubscriptionFields {
  readonly endpoint: string
  readonly expirationTime?: number | null
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

export const makePeopleCommands = (ask: AskFor) =>
  ({
    setProfile: (profile: OwnProfile): Answer<ProfilePush> => ask({ type: "set_profile", ...profile }),
    /** At most 100 at once. Whoever has no profile is left out. */
    profiles: (users: ReadonlyArray<string>): Answer<ProfileList> => ask({ type: "profiles", users }),
    /** Only where `welcome.directory` says that there is one. */
    findUsers: (prefix: string, options?: { readonly limit?: number }): Answer<UsersFound> =>
      ask({ type: "find_users", prefix, ...options }),
    /** Without `until`, for good. `until` is in milliseconds since the epoch. */
    mute: (
      target: Target,
      options?: { readonly until?: number; readonly mentions?: boolean }
    ): Answer<Muted> => ask({ type: "mute", ...target, ...options }),
    unmute: (target: Target): Answer<Muted> => ask({ type: "unmute", ...target }),
    archive: (target: Target): Answer<ConversationSettings> => ask({ type: "archive", ...target }),
    unarchive: (target: Target): Answer<ConversationSettings> => ask({ type: "unarchive", ...target }),
    markUnread: (target: Target): Answer<ConversationSettings> => ask({ type: "mark_unread", ...target }),
    /** Of the user as a whole. Without any it asks. */
    settings: (settings?: { readonly readPrivately?: boolean }): Answer<OwnSettings> =>
      ask({ type: "settings", ...defined({ read_privately: settings?.readPrivately }) }),
    /** Without a subscription it asks for those that there are, and for the server's key. */
    pushSubscribe: (subscription?: PushSubscriptionFields): Answer<PushSubscriptions> =>
      ask({ type: "push_subscribe", ...defined({ subscription }) }),
    pushUnsubscribe: (endpoint: string): Answer<PushSubscriptions> =>
      ask({ type: "push_unsubscribe", subscription: { endpoint } }),
    report: (target: Target, seq: number, reason?: string): Answer<Reported> =>
      ask({ type: "report", ...target, seq, ...defined({ reason }) }),
    setGroup: (group: string, fields: GroupFields): Answer<GroupInfo> => ask({ type: "set_group", group, ...fields }),
    banMembers: (group: string, members: ReadonlyArray<string>, reason?: string): Answer<GroupInfo> =>
      ask({ type: "ban_members", group, members, ...defined({ reason }) }),
    unbanMembers: (group: string, members: ReadonlyArray<string>): Answer<GroupInfo> =>
      ask({ type: "unban_members", group, members }),
    /** `expiresAt` is in milliseconds since the epoch. */
    createInvite: (
      group: string,
      options?: { readonly expiresAt?: number; readonly uses?: number }
    ): Answer<InviteInfo> =>
      ask({ type: "create_invite", group, ...defined({ expires_at: options?.expiresAt, uses: options?.uses }) }),
    revokeInvite: (invite: string): Answer<InviteInfo> => ask({ type: "revoke_invite", invite }),
    invites: (group: string): Answer<InviteList> => ask({ type: "invites", group }),
    join: (invite: string): Answer<GroupInfo> => ask({ type: "join", invite })
  }) as const
