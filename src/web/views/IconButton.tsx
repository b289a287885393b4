/** A button that is only a picture: what it does is its label, for whoever points at it and for who cannot see it. */
import { Icon, type IconName } from "./Icon.tsx"

interface Props {
  readonly icon: IconName
  readonly label: string
  readonly onClick: () => void
  readonly class?: string
}

export const IconButton = ({ icon, label, onClick, ...props }: Props) => (
  <button
    type="button"
    class={props.class ?? "quiet round"}
    aria-label={label}
    title={label}
    onClick={onClick}
  >
    <Icon name={icon} />
  </button>
)
