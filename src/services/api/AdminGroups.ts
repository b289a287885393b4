/** What the admin API does with groups. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { FirstMembers, GroupHistory, GroupName, Reason, Role, SetGroup } from "../../domain/entries/Group.ts"
import { CreateInvite, InviteInfo } from "../../domain/frames/Moderation.ts"
import { GroupId, Invite, UserId } from "../../domain/Ids.ts"
import { GroupInfo } from "../../domain/ServerFrame.ts"
import { apiErrors } from "./ApiError.ts"
import { described } from "./described.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { bodyIsOptional, optionalBody } from "./optionalBody.ts"

const NewGroup = Schema.Struct({
  name: GroupName,
  owner: UserId,
  /** Without the owner, or with it. */
  members: FirstMembers,
  history: Schema.optionalKey(GroupHistory),
  /** The group's own id, so that a retry makes no second group; without it, one is made up. */
  id: Schema.optionalKey(GroupId)
})

const { avatar, description, name } = SetGroup.fields
const GroupFacts = Schema.Struct({ name, description, avatar }).pipe(
  Schema.check(
    Schema.makeFilter((facts: object) => Object.values(facts).some((each) => each !== undefined), {
      expected: "name, description or avatar"
    })
  )
)

const { id: ___, type: ____, ...invitation } = InviteInfo.fields
const InviteFacts = Schema.Struct(invitation)

const { id: _, type: __, ...facts } = GroupInfo.fields
const Info = Schema.Struct(facts)

/** Most of it is about a group, or a user of one, and is answered with the group as it then is. */
const ofGroup = { params: { group: GroupId }, success: Info, error: apiErrors }
const ofMember = { ...ofGroup, params: { group: GroupId, user: UserId } }

export const AdminGroups = HttpApiGroup.make("groups")
  .add(
    HttpApiEndpoint.post("create", "/groups", {
      payload: NewGroup,
      success: Info.pipe(HttpApiSchema.status(201)),
      error: apiErrors
    }).annotateMerge(
      described(
        "Create a group",
        "The same `id` with the same content again is the same group, and answered with it as it is by then; with other content, or once it was deleted, 409. Blocks and quotas of users do not stand in the way; the largest size of a group does."
      )
    ),
    HttpApiEndpoint.get("get", "/groups/:group", ofGroup).annotateMerge(
      described("Read a group", "Its name and members. 404 for one that nobody is in.")
    ),
    HttpApiEndpoint.patch("rename", "/groups/:group", {
      ...ofGroup,
      payload: GroupFacts
    }).annotateMerge(
      described(
        "Change a group's name, description or picture",
        "What is left out stays, an empty string takes a description or picture away, and what it is like already changes nothing. Members are told. A picture is a file that anybody has uploaded."
      )
    ),
    HttpApiEndpoint.delete("remove", "/groups/:group", {
      ...ofGroup,
      success: HttpApiSchema.NoContent
    }).annotateMerge(
      described(
        "Delete a group",
        "Everybody is taken out, which is the last that they hear of it. What was said stays, for `/conversations` and for exports, until retention removes it. Again is 204, too."
      )
    ),
    HttpApiEndpoint.put("putMember", "/groups/:group/members/:user", {
      ...ofMember,
      payload: optionalBody(Schema.Struct({ role: Schema.optionalKey(Role) }))
    }).annotateMerge(bodyIsOptional).annotateMerge(
      described(
        "Add a member, or give one a role",
        "Without a `role`, who is in keeps theirs and others become `member`. Who is in with that role already changes nothing. 409 where the group is full or the last owner would lose that role."
      )
    ),
    HttpApiEndpoint.delete("removeMember", "/groups/:group/members/:user", ofMember).annotateMerge(
      described(
        "Take a member out",
        "Who is not in changes nothing. The last owner's group first goes to the admin, else the member, who is in longest."
      )
    ),
    HttpApiEndpoint.put("ban", "/groups/:group/bans/:user", {
      ...ofMember,
      payload: optionalBody(Schema.Struct({ reason: Schema.optionalKey(Reason) }))
    }).annotateMerge(bodyIsOptional).annotateMerge(
      described(
        "Keep a user out of a group",
        "Who is in is out, and nobody can add them, nor an invitation let them in, until the ban is lifted. 409 for the last owner, and past 1,000 bans of the group."
      )
    ),
    HttpApiEndpoint.delete("unban", "/groups/:group/bans/:user", ofMember).annotateMerge(
      described("Let a user in again", "They are not added by it. Who is not banned changes nothing.")
    ),
    HttpApiEndpoint.get("invites", "/groups/:group/invites", {
      ...ofGroup,
      success: Schema.Struct({ invites: Schema.Array(InviteFacts) })
    }).annotateMerge(described("List a group's invitations", "Those that are good now, the oldest first.")),
    HttpApiEndpoint.post("invite", "/groups/:group/invites", {
      ...ofGroup,
      payload: optionalBody(
        Schema.Struct({ expires_at: CreateInvite.fields.expires_at, uses: CreateInvite.fields.uses })
      ),
      success: InviteFacts.pipe(HttpApiSchema.status(201))
    }).annotateMerge(bodyIsOptional).annotateMerge(
      described(
        "Make an invitation into a group",
        "Whoever shows it with `join` is in, until `expires_at` and so often as `uses` says; without them until it is revoked. 409 past 100 that are good."
      )
    ),
    HttpApiEndpoint.delete("revokeInvite", "/groups/:group/invites/:invite", {
      params: { group: GroupId, invite: Invite },
      success: HttpApiSchema.NoContent,
      error: apiErrors
    }).annotateMerge(described("Revoke an invitation", "404 where the group has none of that name."))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
  .annotateMerge(OpenApi.annotations({ description: "Groups, for administrators." }))
