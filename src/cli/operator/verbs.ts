/** What an operator can ask of a running server, each a path of the admin API. */
import { access } from "./access.ts"
import { files } from "./files.ts"
import { groups } from "./groups.ts"
import { people } from "./people.ts"
import { reports } from "./reports.ts"
import { rooms } from "./rooms.ts"
import { server } from "./server.ts"
import type { Carry } from "./verb.ts"

/** `carry` does what is asked. */
export const verbsOf = <E, R>(carry: Carry<E, R>) =>
  [
    ...people(carry),
    ...access(carry),
    ...rooms(carry),
    ...groups(carry),
    ...files(carry),
    ...reports(carry),
    ...server(carry)
  ] as const
