/** Invitations into groups: how they are made and told, whoever asks for them. */
import { Effect, Option } from "effect"
import { randomBytes } from "node:crypto"
import { defined } from "../../domain/defined.ts"
import * as Errors from "../../domain/Errors.ts"
import type { GroupId, Invite } from "../../domain/Ids.ts"
import { Invites, maxInvites, type StoredInvite } from "../storage/Invites.ts"

const bytes = 16

/** None looks like a flag at a command line. */
const newInvite = (): Invite => {
  const invite = randomBytes(bytes).toString("base64url")
  return invite.startsWith("-") ? newInvite() : invite as Invite
}

export const noInvites = () => Errors.forbidden("The store of this server keeps no invitations; ask to be added.")

const tooMany = () => Errors.forbidden(`A group has at most ${maxInvites} invitations at a time; revoke one first.`)

const past = () => Errors.invalidFrame("\"expires_at\" is over; give a time that is to come.")

export const inviteFields = ({ expiresAt, group, invite, usesLeft }: StoredInvite) => ({
  invite,
  group,
  ...defined({ expires_at: expiresAt, uses_left: usesLeft })
})

/** Those of the store, where it has them. */
export const invitesOf = Effect.map(
  Effect.serviceOption(Invites),
  Option.match({ onNone: () => Effect.fail(noInvites()), onSome: Effect.succeed<Invites["Service"]> })
)

export interface Terms {
  readonly expires_at?: number
  readonly uses?: number
}

/** Whoever asks may. */
export const createInvite = Effect.fnUntraced(
  function*(invites: Invites["Service"], group: GroupId, { expires_at, uses }: Terms, createdAt: number) {
    if (expires_at !== undefined && expires_at <= createdAt) return yield* past()
    const invite = { invite: newInvite(), group, createdAt, ...defined({ expiresAt: expires_at, usesLeft: uses }) }
    return (yield* invites.create(invite)) ? invite : yield* tooMany()
  }
)
