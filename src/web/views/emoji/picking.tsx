/** Choosing an emoji for a message, or for the text that is being written. */
import type { RefObject } from "preact"
import { useState } from "preact/hooks"
import type { TextItem } from "../../state/model.ts"
import { words } from "../../words/index.ts"
import { insertAtCaret } from "../composer/insert.ts"
import type { SignedIn } from "../handlers.ts"
import { EmojiPicker } from "./EmojiPicker.tsx"

interface Options extends SignedIn {
  readonly main: RefObject<HTMLElement | null>
  readonly onReact: (item: TextItem, emoji: string) => void
}

export const usePicking = ({ main, onReact, ...signedIn }: Options) => {
  const [picking, setPicking] = useState<{ readonly item?: TextItem }>()
  const { item } = picking ?? {}
  const onPick = (emoji: string) => {
    setPicking(undefined)
    if (item !== undefined) return onReact(item, emoji)
    // Once the dialog has given the focus back.
    requestAnimationFrame(() => {
      const field = main.current?.querySelector("textarea")
      if (field != null) insertAtCaret(field, emoji)
    })
  }
  return {
    choose: (item?: TextItem) => setPicking(item === undefined ? {} : { item }),
    picker: picking !== undefined && (
      <EmojiPicker
        {...signedIn}
        title={item === undefined ? words.emoji.title : words.actions.chooseReaction}
        onPick={onPick}
        onClose={() => setPicking(undefined)}
      />
    )
  }
}
