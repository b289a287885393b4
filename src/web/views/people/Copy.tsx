/** Something to be handed on, such as an id or a link, with a button that copies it. */
import { useState } from "preact/hooks"
import { words } from "../../words/index.ts"
import { Icon } from "../Icon.tsx"

interface Props {
  readonly text: string
  /** What the button says that it does. */
  readonly label: string
}

export const Copy = ({ label, text }: Props) => {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false)
    )
  return (
    <span class="copy">
      <code dir="ltr">{text}</code>
      <button type="button" class="quiet round" aria-label={label} title={label} onClick={() => void copy()}>
        <Icon name={copied ? "check" : "copy"} />
      </button>
      <span class="heard" role="status">{copied ? words.people.copied : ""}</span>
    </span>
  )
}
