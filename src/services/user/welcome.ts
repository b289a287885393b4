/** The first frame at level `v1`: who the client is here, and what the server allows. */
import { maxPage, maxPresence } from "../../domain/ClientFrame.ts"
import type { DeviceId, SessionId, UserId } from "../../domain/Ids.ts"
import type { Durability } from "../../domain/ServerFrame.ts"
import type { DirectoryMode } from "../PeopleDirectory.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { limitOf, type SettingValues } from "../Settings.ts"

export interface WelcomeOptions {
  readonly settings: SettingValues
  readonly directory: DirectoryMode
  readonly durability: Durability
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly address: string
  /** Whether there is Web Push. */
  readonly push: boolean
}

export const welcome = (
  { device, session, user }: { readonly device: DeviceId; readonly session: SessionId; readonly user: UserId },
  { address, directory, durability, now, push, settings }: WelcomeOptions
): EncodedFrame =>
  new EncodedFrame({
    type: "welcome",
    session,
    user,
    device,
    server_time: now,
    heartbeat_ms: settings.heartbeatMillis,
    durability,
    ...(directory === "off" ? undefined : { directory }),
    limits: {
      frame_bytes: settings.maxFrameBytes,
      text_bytes: settings.maxTextBytes,
      page: maxPage,
      rate_per_second: settings.maxMessagesPerSecond,
      user_rate_per_second: settings.maxMessagesPerSecondPerUser,
      address_rate_per_second: limitOf(settings, "maxMessagesPerSecondPerAddress", address),
      connections_per_user: settings.maxConnectionsPerUser,
      connections_per_address: limitOf(settings, "maxConnectionsPerAddress", address),
      connections_per_second: limitOf(settings, "maxConnectionsPerSecond", address),
      outbound_bytes: settings.maxOutboundBytes,
      group_members: settings.maxGroupMembers,
      presence_subscriptions: maxPresence,
      file_bytes: settings.maxFileBytes,
      file_bytes_per_user: settings.maxFileBytesPerUser
    },
    ...(push ? { push } : undefined)
  })
