/** Tells the user of what happens while they look elsewhere: decides who speaks, and what about. */
import type { ChatEvent } from "../../../client/index.ts"
import { lookUp } from "../../state/lookUp.ts"
import type { State } from "../../state/model.ts"
import { namesOf } from "../../state/names.ts"
import { notifies, type Told } from "../../state/notifies.ts"
import { withFiles } from "../../text/files.ts"
import { noteOf, summaryOf } from "../../text/note.ts"
import { words } from "../../words/index.ts"
import type { Choices } from "./choices.ts"
import type { Desk } from "./desk.ts"
import type { Sound } from "./sound.ts"
import type { Look, Tabs } from "./tabs.ts"

/** What was missed comes at once after a connection; so long after the last of it, it is told of. */
const gatherMillis = 1_500
/** A notification that was shown so short a time ago is replaced without a word. */
const calmMillis = 3_000

interface Options {
  readonly user: string
  readonly state: () => State
  readonly choices: () => Choices
  readonly tabs: Tabs
  readonly desk: Desk
  readonly sound: Sound
  readonly now: () => number
  /** A message came that nobody looked at. */
  readonly onUnseen: () => void
}

const aboutOf = ({ mentioned, message }: Told, state: State) => {
  const { attachments, conversation, seq, sender, text } = message
  const names = namesOf(state)
  const { kind, name } = lookUp(state.conversations, conversation) ?? {}
  return {
    user: state.me,
    conversation,
    seq,
    sender: names.of(sender),
    icon: names.person(sender)?.picture,
    group: kind === "group" ? name : undefined,
    text: withFiles(text, attachments),
    mentioned
  }
}

export const makeSpeaker = (options: Options) => {
  const { choices, desk, now, onUnseen, sound, state, tabs, user } = options
  const last = new Map<string, number>()
  let missed: Array<Told> = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let connections = 0

  const note = (told: Told) => {
    const { conversation } = told.message
    const again = now() - (last.get(conversation) ?? -Infinity) > calmMillis
    last.set(conversation, now())
    desk.show(noteOf(aboutOf(told, state()), choices().show, words.notifications), again)
  }

  const speak = (all: ReadonlyArray<Told>, looks: ReadonlyArray<Look>) => {
    if (!tabs.speaks()) return
    const isSeen = ({ message: { conversation } }: Told) =>
      looks.some(({ open, visible }) => visible && open === conversation)
    const isWrittenTo = ({ message: { conversation } }: Told) =>
      looks.some(({ open, typing, visible }) => visible && typing && open === conversation)
    if (choices().sound && all.some((told) => !isWrittenTo(told))) sound.ring()
    const unseen = all.filter((told) => !isSeen(told))
    if (!looks.some(({ visible }) => visible) && unseen.length > 0) onUnseen()
    if (!choices().desktop) return
    const conversations = new Set(unseen.map(({ message: { conversation } }) => conversation)).size
    if (unseen.length === 1 || conversations === 1) note(unseen.at(-1)!)
    else if (unseen.length > 1) {
      desk.show(summaryOf(user, words.notifications.missed(unseen.length, conversations)), true)
    }
  }

  const gathered = () => {
    // Some of it may have been read meanwhile.
    const all = missed.filter(({ message: { conversation, seq } }) =>
      seq > (lookUp(state().conversations, conversation)?.read ?? 0)
    )
    missed = []
    timer = undefined
    void tabs.looks().then((looks) => speak(all, looks))
  }

  return {
    connected: () => void connections++,
    heard: (event: ChatEvent, before: State) => {
      if (event.type === "message_deleted") {
        desk.remove(({ conversation, seq }) => conversation === event.conversation && seq === event.target)
      }
      if (event.type === "receipt" && event.user === user) {
        desk.remove(({ conversation, seq = 0 }) => conversation === event.conversation && seq <= event.read)
      }
      const told = notifies(before, event, now())
      if (told === undefined) return
      if (!told.missed) return void tabs.looks().then((looks) => speak([told], looks))
      // Whoever opens the page sees what there is.
      if (connections < 2) return
      missed.push(told)
      clearTimeout(timer)
      timer = setTimeout(gathered, gatherMillis)
    },
    /** Read here. */
    read: (id: string, upTo: number) => desk.remove(({ conversation, seq = 0 }) => conversation === id && seq <= upTo),
    /** Somebody looks at the page: what was told about several conversations has done its part. */
    seen: () => desk.remove(({ conversation }) => conversation === undefined),
    stop: () => clearTimeout(timer)
  }
}

export type Speaker = ReturnType<typeof makeSpeaker>
