/** Whom people may look for with `find_users`, and whose profiles they may ask for. */
import { Context } from "effect"

/** Nobody, those with whom one shares a conversation, or everybody who has a profile. */
export type DirectoryMode = "off" | "members" | "all"

/** Of an app that embeds the server: provide it with `Layer.succeed(PeopleDirectory, "members")`. */
export const PeopleDirectory = Context.Reference<DirectoryMode>("switchboard/services/PeopleDirectory", {
  defaultValue: () => "off"
})
