/** A form that the page answers itself. */
import type { ComponentChildren } from "preact"

interface Props {
  readonly class?: string
  readonly label?: string
  readonly onSubmit: () => unknown
  readonly children: ComponentChildren
}

export const Form = ({ children, label, onSubmit, ...props }: Props) => (
  <form
    class={props.class}
    aria-label={label}
    novalidate
    onSubmit={(event) => {
      event.preventDefault()
      onSubmit()
    }}
  >
    {children}
  </form>
)

/** Of fields for names: nobody's keyboard is to make words of them. */
export const nameField = { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: false } as const
