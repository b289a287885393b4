/** The browser's own modal dialog: it keeps the focus inside, Esc closes it, and the focus goes back afterwards. */
import type { ComponentChildren } from "preact"
import { useId, useLayoutEffect, useRef } from "preact/hooks"
import { words } from "../words/index.ts"
import type { SignedIn } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"
import { Notices } from "./Notices.tsx"

interface Props extends SignedIn {
  readonly title: string
  /** Beside `modal`. */
  readonly class?: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** Shown for as long as it is there. */
export const useDialog = () => {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus()
    return () => {
      // What was opened from here has taken it already.
      const now = document.activeElement
      if (now !== null && now !== document.body && dialog.current?.contains(now) !== true) return
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return dialog
}

export const Modal = ({ children, onClose, title, ...props }: Props) => {
  const dialog = useDialog()
  const heading = useId()
  return (
    <dialog
      ref={dialog}
      class={`modal ${props.class ?? ""}`}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="modal-body">
        <header>
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label={words.page.close} onClick={() => dialog.current?.close()} />
        </header>
        {children}
        <Notices {...props} />
      </div>
    </dialog>
  )
}
