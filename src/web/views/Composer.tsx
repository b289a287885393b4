/**
 * Where one writes. Enter sends and Shift+Enter begins a line; where there are fingers and no keys, Enter begins a line and
 * the button sends. Esc gives up an edit or a reply.
 */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { isOver } from "../../domain/Limit.ts"
import type { Draft } from "../state/model.ts"
import { Form } from "./Form.tsx"
import { useMedia } from "./hooks.ts"
import { Icon } from "./Icon.tsx"
import { IconButton } from "./IconButton.tsx"

interface Props {
  readonly name: string
  readonly draft: Draft
  readonly maxBytes: number
  readonly autoFocus: boolean
  readonly onDraft: (draft: Draft) => void
  readonly onSubmit: (draft: Draft) => void
  readonly onEditLast: () => void
  readonly onTyping: (active: boolean) => void
  readonly onEscape: () => void
}

const encoder = new TextEncoder()
const typingEvery = 3_000
const growsByItself = CSS.supports("field-sizing", "content")

/** Says at most every three seconds that one is typing, and once that one no longer is. */
const useTyping = (onTyping: (active: boolean) => void) => {
  const last = useRef(0)
  return (active: boolean) => {
    const now = Date.now()
    if (active ? now - last.current < typingEvery : last.current === 0) return
    last.current = active ? now : 0
    onTyping(active)
  }
}

/** The text's bytes, as soon as there might be too many of them. */
const bytesOf = (text: string, max: number): number => isOver(max, text.length * 3) ? encoder.encode(text).length : 0

const About = ({ editing, onGiveUp, replying }: Draft & { readonly onGiveUp: () => void }) => {
  const about = editing ?? replying
  return about !== undefined && (
    <div class="about">
      <Icon name={editing === undefined ? "reply" : "edit"} />
      <span>
        <b>
          {editing === undefined ? "Reply to " : "Edit message"}
          {editing === undefined && <bdi>{about.sender}</bdi>}
        </b>
        <span dir="auto">{about.text.slice(0, 160)}</span>
      </span>
      <IconButton icon="close" label={editing === undefined ? "Do not reply" : "Do not edit"} onClick={onGiveUp} />
    </div>
  )
}

const Size = ({ bytes, max }: { readonly bytes: number; readonly max: number }) =>
  isOver(max * 0.8, bytes) && (
    <p class={isOver(max, bytes) ? "problem" : "soft"} role="status">
      {isOver(max, bytes) ? "Too long: send it in parts. " : ""}
      {bytes.toLocaleString()} of {max.toLocaleString()} bytes
    </p>
  )

export const Composer = (props: Props) => {
  const { autoFocus, draft, maxBytes, name, onDraft, onEditLast, onEscape, onSubmit } = props
  const { editing, replying, text } = draft
  const field = useRef<HTMLTextAreaElement>(null)
  const typing = useTyping(props.onTyping)
  const bytes = bytesOf(text, maxBytes)
  const tooLong = isOver(maxBytes, bytes)
  const about = editing ?? replying
  const touch = useMedia("(hover: none) and (pointer: coarse)")

  useEffect(() => {
    if (autoFocus) field.current?.focus()
  }, [])
  useEffect(() => {
    if (about !== undefined) field.current?.focus()
  }, [about])
  useLayoutEffect(() => {
    const element = field.current
    if (growsByItself || element === null) return
    element.style.height = "auto"
    element.style.height = `${element.scrollHeight}px`
  }, [text])

  const submit = () => {
    if (text.trim() === "" || tooLong) return
    typing(false)
    onSubmit(draft)
    field.current?.focus()
  }
  const giveUp = () => onDraft({ text: editing === undefined ? text : "" })
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it.
    if (event.isComposing) return
    if (event.key === "Enter" && !event.shiftKey && !touch) {
      event.preventDefault()
      submit()
    } else if (event.key === "Escape") {
      if (about === undefined) onEscape()
      else giveUp()
    } else if (event.key === "ArrowUp" && text === "" && about === undefined) {
      event.preventDefault()
      onEditLast()
    }
  }

  return (
    <Form class="composer" onSubmit={submit}>
      <About {...draft} onGiveUp={giveUp} />
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          aria-label={`Message to ${name}`}
          aria-invalid={tooLong}
          enterkeyhint={touch ? "enter" : "send"}
          placeholder="Write a message"
          onInput={(event) => {
            onDraft({ ...draft, text: event.currentTarget.value })
            typing(event.currentTarget.value.trim() !== "")
          }}
          onBlur={() => typing(false)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label={editing === undefined ? "Send" : "Save"}
          disabled={text.trim() === "" || tooLong}
        >
          <Icon name={editing === undefined ? "send" : "check"} />
        </button>
      </div>
      <Size bytes={bytes} max={maxBytes} />
    </Form>
  )
}
