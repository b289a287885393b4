/** What the server pushes, as far as it can be read. The schema is `PushPayload` of the domain; a worker starts without it. */
import type { NoteAbout } from "../text/note.ts"

const text = (u: unknown): u is string => typeof u === "string"

/** `undefined` for what is no message, as a later server may push. */
export const aboutOf = (json: string, user: string): NoteAbout | undefined => {
  let read: unknown
  try {
    read = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof read !== "object" || read === null) return undefined
  const { conversation, group_name, mentions, sender, sender_name, seq, type, ...rest } = read as Record<
    string,
    unknown
  >
  if (type !== "message" || !text(conversation) || !text(sender) || typeof seq !== "number") return undefined
  return {
    user,
    conversation,
    seq,
    sender: text(sender_name) ? sender_name : sender,
    group: text(group_name) ? group_name : undefined,
    text: text(rest["text"]) ? rest["text"] : "",
    mentioned: mentions === true
  }
}

/** Where the page opens what a notification is about. */
export const placeOf = (conversation: string | undefined, seq: number | undefined): string =>
  conversation === undefined ? "" : `#/c/${encodeURIComponent(conversation)}${seq === undefined ? "" : `/${seq}`}`
