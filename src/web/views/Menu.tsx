/** A button with a small menu below it: arrows move in it, Esc and whatever is done elsewhere close it. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks"
import { childrenOf, moveFocus } from "./focus.ts"
import { Icon, type IconName } from "./Icon.tsx"

export interface MenuItem {
  readonly label: string
  readonly icon?: IconName
  /** Of one that is on or off; it does not close the menu. */
  readonly checked?: boolean
  readonly onChoose: () => void
}

interface Props {
  readonly icon: IconName
  readonly label: string
  readonly items: () => ReadonlyArray<MenuItem>
}

const selector = "[role^='menuitem']"

export const Menu = ({ icon, items, label }: Props) => {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  useLayoutEffect(() => {
    if (open) childrenOf(box.current, selector)[0]?.focus()
  }, [open])
  useEffect(() => {
    if (!open) return
    const onDown = (event: Event) => {
      if (event.target instanceof Node && box.current?.contains(event.target) !== true) setOpen(false)
    }
    document.addEventListener("pointerdown", onDown)
    document.addEventListener("focusin", onDown)
    return () => {
      document.removeEventListener("pointerdown", onDown)
      document.removeEventListener("focusin", onDown)
    }
  }, [open])
  return (
    <div class="menu" ref={box}>
      <button
        ref={button}
        type="button"
        class="quiet round"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
      </button>
      {open && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          onKeyDown={(event) => {
            if (event.key === "Escape" || event.key === "Tab") {
              event.preventDefault()
              event.stopPropagation()
              close()
            } else moveFocus(event, childrenOf(box.current, selector))
          }}
        >
          {items().map((item) => (
            <button
              key={item.label}
              type="button"
              tabIndex={-1}
              role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={item.checked}
              onClick={() => {
                item.onChoose()
                if (item.checked === undefined) close()
              }}
            >
              {item.checked === undefined
                ? item.icon !== undefined && <Icon name={item.icon} />
                : <span class="box">{item.checked && <Icon name="check" />}</span>}
              <span>{item.label}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
