/** A round mark for a person or a group: first letters on a colour of its own, and whether somebody is here. */
import { hueOf } from "../text/names.ts"
import { classes } from "./classes.ts"

const initials = (name: string): string => {
  const words = name.split(/[\s._@+-]+/u).filter((word) => word !== "")
  const letters = (words.length === 0 ? ["?"] : words.slice(0, 2)).map((word) => [...word][0])
  return letters.join("").toUpperCase()
}

interface Props {
  readonly name: string
  readonly kind: "direct" | "group"
  /** `undefined` says nothing. */
  readonly online?: boolean | undefined
  readonly small?: boolean
}

export const Avatar = ({ kind, name, online, small }: Props) => (
  <span
    class={classes({ avatar: true, [`hue-${hueOf(name)}`]: true, square: kind === "group", small: small === true })}
  >
    <span aria-hidden="true">{initials(name)}</span>
    {online === true && <span class="dot" role="img" aria-label="online" />}
  </span>
)
