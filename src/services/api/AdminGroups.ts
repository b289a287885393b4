/** What the admin API does with groups. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { FirstMembers, GroupHistory, GroupName, Role } from "../../domain/entries/Group.ts"
import { GroupId, UserId } from "../../domain/Ids.ts"
import { GroupInfo } from "../../domain/ServerFrame.ts"
import { apiErrors } from "./ApiError.ts"
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

const { id: _, type: __, ...facts } = GroupInfo.fields
const Info = Schema.Struct(facts)

const ofGroup = { group: GroupId }
const ofMember = { group: GroupId, user: UserId }

const described = (summary: string, description: string) => OpenApi.annotations({ summary, description })

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
    HttpApiEndpoint.get("get", "/groups/:group", { params: ofGroup, success: Info, error: apiErrors }).annotateMerge(
      described("Read a group", "Its name and members. 404 for one that nobody is in.")
    ),
    HttpApiEndpoint.patch("rename", "/groups/:group", {
      params: ofGroup,
      payload: Schema.Struct({ name: GroupName }),
      success: Info,
      error: apiErrors
    }).annotateMerge(described("Rename a group", "Members are told; the name that it has already changes nothing.")),
    HttpApiEndpoint.delete("remove", "/groups/:group", {
      params: ofGroup,
      success: HttpApiSchema.NoContent,
      error: apiErrors
    }).annotateMerge(
      described(
        "Delete a group",
        "Everybody is taken out, which is the last that they hear of it. What was said stays, for `/conversations` and for exports, until retention removes it. Again is 204, too."
      )
    ),
    HttpApiEndpoint.put("putMember", "/groups/:group/members/:user", {
      params: ofMember,
      payload: optionalBody(Schema.Struct({ role: Schema.optionalKey(Role) })),
      success: Info,
      error: apiErrors
    }).annotateMerge(bodyIsOptional).annotateMerge(
      described(
        "Add a member, or give one a role",
        "Without a `role`, who is in keeps theirs and others become `member`. Who is in with that role already changes nothing. 409 where the group is full or the last owner would lose that role."
      )
    ),
    HttpApiEndpoint.delete("removeMember", "/groups/:group/members/:user", {
      params: ofMember,
      success: Info,
      error: apiErrors
    }).annotateMerge(
      described(
        "Take a member out",
        "Who is not in changes nothing. The last owner's group first goes to the admin, else the member, who is in longest."
      )
    )
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
  .annotateMerge(OpenApi.annotations({ description: "Groups, for administrators." }))
