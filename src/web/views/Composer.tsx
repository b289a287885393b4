/**
 * Where one writes, with a tray for the files that go with it. Enter sends and Shift+Enter begins a line; where there are fingers and no keys, Enter begins a line and
 * the button sends. Esc gives up an edit or a reply.
 */
import type { RefObject } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { isOver } from "../../domain/Limit.ts"
import type { Session } from "../app/session.ts"
import type { Conversation, Draft } from "../state/model.ts"
import type { Upload } from "../state/upload.ts"
import { anyFailed } from "../state/uploads.ts"
import { isInCode, wrapped } from "../text/compose.ts"
import { withFiles } from "../text/files.ts"
import { plain } from "../text/format/index.ts"
import { locale, words } from "../words/index.ts"
import { classes } from "./classes.ts"
import { useEmojiCompletion } from "./composer/EmojiCompletion.tsx"
import { apply } from "./composer/insert.ts"
import { pasted } from "./files/receive.ts"
import { Uploads } from "./files/Uploads.tsx"
import { Form } from "./Form.tsx"
import { useMedia } from "./hooks.ts"
import { Icon } from "./Icon.tsx"
import { IconButton } from "./IconButton.tsx"
import { useCalling } from "./mentions/useCalling.tsx"
import { Name } from "./people/names.tsx"

interface Props {
  readonly conversation: Conversation
  readonly me: string
  readonly name: string
  readonly draft: Draft
  readonly tray: ReadonlyArray<Upload>
  readonly session: Session
  readonly maxBytes: number
  readonly autoFocus: boolean
  readonly onDraft: (draft: Draft) => void
  readonly onSubmit: (draft: Draft) => void
  readonly onFiles: (files: ReadonlyArray<File>) => void
  readonly onEditLast: () => void
  readonly onTyping: (active: boolean) => void
  readonly onEscape: () => void
  readonly onEmoji: () => void
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

/** As high as its lines. */
const useHeight = (field: RefObject<HTMLTextAreaElement | null>, text: string) =>
  useLayoutEffect(() => {
    const element = field.current
    if (growsByItself || element === null) return
    element.style.height = "auto"
    element.style.height = `${element.scrollHeight}px`
  }, [text])

/** The text's bytes, as soon as there might be too many of them. */
const bytesOf = (text: string, max: number): number => isOver(max, text.length * 3) ? encoder.encode(text).length : 0

const About = ({ editing, onGiveUp, replying }: Draft & { readonly onGiveUp: () => void }) => {
  const about = editing ?? replying
  return about !== undefined && (
    <div class="about">
      <Icon name={editing === undefined ? "reply" : "edit"} />
      <span>
        <b>
          {editing === undefined ? words.composer.replyTo(<Name user={about.sender} />) : words.composer.editing}
        </b>
        <span dir="auto">{withFiles(plain(about.text.slice(0, 400)), about.attachments).slice(0, 160)}</span>
      </span>
      <IconButton
        icon="close"
        label={editing === undefined ? words.composer.noReply : words.composer.noEdit}
        onClick={onGiveUp}
      />
    </div>
  )
}

const Size = ({ bytes, max }: { readonly bytes: number; readonly max: number }) =>
  isOver(max * 0.8, bytes) && (
    <p class={isOver(max, bytes) ? "problem" : "soft"} role="status">
      {isOver(max, bytes) && `${words.composer.tooLong} `}
      {words.composer.bytes(bytes.toLocaleString(locale()), max.toLocaleString(locale()))}
    </p>
  )

/** The chooser of the browser behind a button of the page. */
const Attach = ({ onFiles }: Pick<Props, "onFiles">) => {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <IconButton
        class="quiet round attach"
        icon="clip"
        label={words.composer.attach}
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={words.composer.files}
        onChange={({ currentTarget }) => {
          onFiles(Array.from(currentTarget.files ?? []))
          // The same file may be chosen again.
          currentTarget.value = ""
        }}
      />
    </>
  )
}

/** Ctrl or Cmd with a letter puts what is selected between marks. */
const markByKey = (event: KeyboardEvent, field: HTMLTextAreaElement): boolean => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return false
  const change = wrapped(field.value, field.selectionStart, field.selectionEnd, event.key.toLowerCase())
  if (change === undefined) return false
  event.preventDefault()
  apply(field, change)
  return true
}

const Tray = ({ session, tray }: Pick<Props, "session" | "tray">) =>
  tray.length > 0 && (
    <div class="tray">
      <Uploads uploads={tray} session={session} label={words.composer.tray} />
      {anyFailed(tray) && <p class="problem" role="status">{words.composer.trayFailed}</p>}
    </div>
  )

export const Composer = (props: Props) => {
  const { autoFocus, draft, maxBytes, name, onDraft, onEditLast, onEscape, onFiles, onSubmit, tray } = props
  const { editing, replying, text } = draft
  const field = useRef<HTMLTextAreaElement>(null)
  const typing = useTyping(props.onTyping)
  const completion = useEmojiCompletion(field, text)
  const calling = useCalling({ ...props, text, field, onText: (text) => onDraft({ ...draft, text }) })
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
  useHeight(field, text)

  const hasFiles = tray.length > 0 && editing === undefined
  const sendable = !tooLong && (text.trim() !== "" || hasFiles) && !(hasFiles && anyFailed(tray))
  const submit = () => {
    if (!sendable) return
    typing(false)
    onSubmit(draft)
    field.current?.focus()
  }
  const giveUp = () => onDraft({ text: editing === undefined ? text : "" })
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it.
    if (event.isComposing || calling.onKeyDown(event) || completion.onKey(event)) return
    if (markByKey(event, field.current!)) return
    if (event.key === "Enter" && !event.shiftKey && !touch) {
      // In a block of code it begins a line.
      if (isInCode(text, field.current!.selectionStart)) return
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
      <Tray {...props} />
      {completion.list}
      {calling.list}
      <div class="field">
        {editing === undefined && <Attach onFiles={onFiles} />}
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          aria-label={words.composer.field(name)}
          aria-invalid={tooLong}
          aria-describedby="composer-hint"
          {...completion.aria}
          {...calling.aria}
          onSelect={calling.look}
          enterkeyhint={touch ? "enter" : "send"}
          placeholder={words.composer.placeholder}
          onInput={(event) => {
            onDraft({ ...draft, text: event.currentTarget.value })
            calling.look()
            typing(event.currentTarget.value.trim() !== "")
          }}
          onPaste={(event) => {
            const files = editing === undefined ? pasted(event) : []
            if (files.length === 0) return
            event.preventDefault()
            onFiles(files)
          }}
          onBlur={() => {
            calling.close()
            typing(false)
            completion.onBlur()
          }}
          onKeyDown={onKeyDown}
        />
        <IconButton class="quiet round attach" icon="smile" label={words.emoji.open} onClick={props.onEmoji} />
        <button
          type="submit"
          class="send"
          aria-label={editing === undefined ? words.composer.send : words.composer.save}
          disabled={!sendable}
        >
          <Icon name={editing === undefined ? "send" : "check"} />
        </button>
      </div>
      <p id="composer-hint" class={classes({ hint: true, faint: text === "" })}>{words.composer.hint}</p>
      <Size bytes={bytes} max={maxBytes} />
    </Form>
  )
}
