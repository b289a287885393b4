/** What the title and the icon of the page say of what there is to read, and how the views follow what is chosen. */
import { useEffect, useReducer, useRef } from "preact/hooks"
import type { Attention } from "../../app/attention.ts"
import { makeBadge } from "../../app/notify/badge.ts"
import { attention as unreadOf } from "../../state/attention.ts"
import type { State } from "../../state/model.ts"
import type { NoteData } from "../../text/note.ts"

/** Draws again when something of it is another. */
export const useAttention = (attention: Attention): Attention => {
  const [, draw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => attention.subscribe(() => draw(undefined)), [attention])
  return attention
}

const showBadge = makeBadge()

export const useTitle = (state: State, name: string | undefined, now: number) => {
  const unread = unreadOf(state, now)
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${name === undefined ? "" : `${name} · `}Switchboard`
    showBadge(unread)
  }, [unread, name])
  useEffect(() => () => {
    document.title = "Switchboard"
    showBadge(0)
  }, [])
}

/** A click on a notification goes where it is about. */
export const useOpening = (attention: Attention, go: (conversation: string, seq: number | undefined) => void) => {
  const latest = useRef(go)
  latest.current = go
  useEffect(() => {
    attention.opens(({ conversation, seq }: NoteData) => {
      if (conversation !== undefined) latest.current(conversation, seq)
    })
  }, [attention])
}
