/** What a notification says. */

/** What it shows of a message. */
export type Shown = "full" | "name" | "nothing"

/** The sentences that it is made of; the service worker is given them by the page. */
export interface NoteWords {
  readonly newMessage: string
  readonly mentionsYou: string
  readonly inGroup: (sender: string, group: string) => string
}

/** A notification as it is shown, and what is behind it. */
export interface Note {
  readonly title: string
  readonly body: string
  /** A newer one with the same takes its place. */
  readonly tag: string
  readonly icon?: string
  readonly data: NoteData
}

export interface NoteData {
  readonly user: string
  /** Missing in one about several. */
  readonly conversation?: string
  readonly seq?: number
}

/** What is told of: a message, wherever it comes from. */
export interface NoteAbout {
  readonly user: string
  readonly conversation: string
  readonly seq: number
  readonly sender: string
  readonly group?: string | undefined
  readonly text: string
  readonly mentioned: boolean
  readonly icon?: string | undefined
}

const maxBody = 120

const ellipsis = "…"

/** The beginning of it in one line, without half a character at the end. */
export const beginning = (text: string): string => {
  const line = Array.from(text.slice(0, 4 * maxBody).replaceAll(/\s+/gu, " ").trim().toWellFormed())
  return line.length <= maxBody ? line.join("") : line.slice(0, maxBody - 1).join("").trimEnd() + ellipsis
}

export const tagOf = (user: string, conversation: string): string => `${user} ${conversation}`

export const noteOf = (about: NoteAbout, show: Shown, words: NoteWords): Note => {
  const { conversation, group, icon, mentioned, sender, seq, text, user } = about
  const common = { tag: tagOf(user, conversation), data: { user, conversation, seq } }
  if (show === "nothing") return { ...common, title: "Switchboard", body: words.newMessage }
  const title = group === undefined ? sender : words.inGroup(sender, group)
  return {
    ...common,
    title,
    body: show === "name"
      ? mentioned ? words.mentionsYou : words.newMessage
      : beginning(text) || words.newMessage,
    ...(icon === undefined ? undefined : { icon })
  }
}

/** One for all that was missed, instead of one for each. */
export const summaryOf = (user: string, body: string): Note => ({
  title: "Switchboard",
  body,
  tag: `${user} missed`,
  data: { user }
})
