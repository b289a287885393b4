/** Verbs about files. */
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import * as flags from "../flags.ts"
import { after, done, list, path, thing } from "./Request.ts"
import { type Carry, get, page, pageOf, verbWith } from "./verb.ts"

const file = Argument.String("file").pipe(Argument.withDescription("As \"files\" names it"))

export const files = <E, R>(carry: Carry<E, R>) => {
  const verb = verbWith(carry)
  return [
    verb(
      "files",
      "Files that were uploaded",
      {
        user: flags.optional("user", "Only this user's"),
        state: Flag.Literals("state", ["uploading", "held", "ready", "removing"]).pipe(Flag.optional),
        ...page
      },
      ({ state, user, ...rest }) =>
        list(
          "files",
          ["file", "user", "name", "type", "size", "state", "at"],
          after("file"),
          get("files", {
            ...pageOf(rest),
            user: Option.getOrUndefined(user),
            state: Option.getOrUndefined(state)
          })
        )
    ),
    verb("file", "A file, and the messages that name it", { file }, ({ file }) => thing(get(path`files/${file}`))),
    verb(
      "release-file",
      "Let a file pass that is held",
      { file },
      ({ file }) => done({ method: "POST", path: path`files/${file}/release` }, `${file} may be sent.`)
    ),
    verb(
      "remove-file",
      "Remove a file, whoever names it",
      { file },
      ({ file }) => done({ method: "DELETE", path: path`files/${file}` }, `Removed ${file}.`)
    )
  ] as const
}
