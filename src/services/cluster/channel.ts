/** What the channel of a bus is called, where nobody says otherwise: those with one database and schema have one. */
import { Redacted } from "effect"
import { createHash } from "node:crypto"

/** `sb1_` and 16 hexadecimal digits; 1 is for the format of the messages. */
export const channelOf = (database: string, schema: string): string =>
  `sb1_${createHash("sha256").update(`${database}\0${schema}`).digest("hex").slice(0, 16)}`

/** The same for a bus that clusters on several databases may share: what their servers have in common is the key. */
export const channelOfKey = (key: Redacted.Redacted<Uint8Array>): string =>
  channelOf(Buffer.from(Redacted.value(key)).toString("base64"), "")
