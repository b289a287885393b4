/** Changes what is in a field as if it were typed, so that it can be taken back with the keys for that. */
import type { Change } from "../../text/compose.ts"

export const apply = (field: HTMLTextAreaElement, { from, insert, select, to }: Change): void => {
  field.focus()
  field.setSelectionRange(from, to)
  // Nothing newer leaves the history of the field as it is.
  const done = insert === "" ? document.execCommand("delete") : document.execCommand("insertText", false, insert)
  if (!done) {
    field.setRangeText(insert, from, to, "end")
    field.dispatchEvent(new InputEvent("input", { bubbles: true }))
  }
  field.setSelectionRange(...select)
}

/** At the caret, or in the place of what is selected. */
export const insertAtCaret = (field: HTMLTextAreaElement, insert: string): void => {
  const { selectionEnd, selectionStart } = field
  const at = selectionStart + insert.length
  apply(field, { from: selectionStart, to: selectionEnd, insert, select: [at, at] })
}
