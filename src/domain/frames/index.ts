/** What clients ask that is neither about a log's entries nor about reading them: one question, one answer. */
import { CreateInvite, InviteInfo, InviteList, InvitesRequest, Report, Reported, RevokeInvite } from "./Moderation.ts"
import { FindUsers, ProfileList, ProfilePush, ProfilesRequest, SetProfile, UsersFound } from "./People.ts"
import {
  Archive,
  ConversationSettings,
  MarkUnread,
  Mute,
  Muted,
  OwnSettings,
  SettingsRequest,
  Unarchive,
  Unmute
} from "./Preferences.ts"
import { PushSubscribe, PushSubscriptions, PushUnsubscribe } from "./Push.ts"

export const requestFrames = {
  set_profile: SetProfile,
  profiles: ProfilesRequest,
  find_users: FindUsers,
  mute: Mute,
  unmute: Unmute,
  archive: Archive,
  unarchive: Unarchive,
  mark_unread: MarkUnread,
  settings: SettingsRequest,
  push_subscribe: PushSubscribe,
  push_unsubscribe: PushUnsubscribe,
  report: Report,
  create_invite: CreateInvite,
  revoke_invite: RevokeInvite,
  invites: InvitesRequest
} as const

type RequestFrames = typeof requestFrames
export type RequestType = keyof RequestFrames
export type RequestOf<Type extends RequestType> = RequestFrames[Type]["Type"]
export type Request = RequestOf<RequestType>

export const answerFrames = {
  profile: ProfilePush,
  profiles: ProfileList,
  users_found: UsersFound,
  muted: Muted,
  conversation_settings: ConversationSettings,
  settings: OwnSettings,
  push_subscriptions: PushSubscriptions,
  reported: Reported,
  invite: InviteInfo,
  invites: InviteList
} as const

type AnswerFrames = typeof answerFrames
export type AnswerType = keyof AnswerFrames

/** What each is answered with; beside it there is `error`. */
export const answerOf = {
  set_profile: "profile",
  profiles: "profiles",
  find_users: "users_found",
  mute: "muted",
  unmute: "muted",
  archive: "conversation_settings",
  unarchive: "conversation_settings",
  mark_unread: "conversation_settings",
  settings: "settings",
  push_subscribe: "push_subscriptions",
  push_unsubscribe: "push_subscriptions",
  report: "reported",
  create_invite: "invite",
  revoke_invite: "invite",
  invites: "invites"
} as const satisfies { readonly [Type in RequestType]: AnswerType }

/** The answer to a request. */
export type Answer<Type extends RequestType> = AnswerFrames[(typeof answerOf)[Type]]["Type"]

const types: ReadonlySet<string> = new Set(Object.keys(requestFrames))

export const isRequest = <F extends { readonly type: string }>(frame: F): frame is F & Request => types.has(frame.type)
