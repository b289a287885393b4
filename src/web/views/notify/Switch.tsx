/** Something that is on or off, with a sentence about it. */
import { useId } from "preact/hooks"

interface Props {
  readonly label: string
  /** What it does, or why it cannot. */
  readonly hint?: string
  readonly on: boolean
  readonly disabled?: boolean
  readonly onChange: (on: boolean) => void
}

export const Switch = ({ disabled, hint, label, on, onChange }: Props) => {
  const described = useId()
  return (
    <div class="switch-row">
      <label class="switch">
        <span>{label}</span>
        <input
          type="checkbox"
          role="switch"
          checked={on}
          disabled={disabled ?? false}
          onChange={(event) => {
            // It shows what is, which may take a moment, or not come about.
            event.currentTarget.checked = on
            onChange(!on)
          }}
          {...(hint === undefined ? undefined : { "aria-describedby": described })}
        />
      </label>
      {hint !== undefined && <p id={described} class="soft">{hint}</p>}
    </div>
  )
}
