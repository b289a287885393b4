/** What servers need before the first of them starts, and which are left out because this machine has not got them. */
import { before, prepareBefore } from "./before.ts"
import { missingEjabberd } from "./ejabberd.ts"
import { buildGoDesign } from "./goDesign.ts"
import type { ServerName } from "./servers.ts"

const optional: ReadonlyArray<
  { readonly servers: ReadonlyArray<ServerName>; readonly missing: () => string | undefined }
> = [
  { servers: ["original Go design"], missing: buildGoDesign },
  { servers: ["ejabberd", "ejabberd with its archive"], missing: missingEjabberd }
]

/** Of those that are wanted, the ones that cannot be had here. */
export const prepare = (wanted: ReadonlySet<ServerName>): ReadonlySet<ServerName> => {
  if (wanted.has(before)) prepareBefore()
  const absent = new Set<ServerName>()
  for (const { missing, servers } of optional) {
    const named = servers.filter((server) => wanted.has(server))
    const lacking = named.length === 0 ? undefined : missing()
    if (lacking === undefined) continue
    for (const server of named) absent.add(server)
    process.stderr.write(
      `Left out: ${named.join(", ")}, which ${named.length === 1 ? "needs" : "need"} Debian's ${lacking}.\n`
    )
  }
  return absent
}
