/** A round mark for a person or a group: a picture, or first letters on a colour of its own, and whether somebody is here. */
import { useState } from "preact/hooks"
import { pictureUrl } from "../text/files.ts"
import { hueOf } from "../text/names.ts"
import { words } from "../words/index.ts"
import { classes } from "./classes.ts"

const initials = (name: string): string => {
  const words = name.split(/[\s._@+-]+/u).filter((word) => word !== "")
  const letters = (words.length === 0 ? ["?"] : words.slice(0, 2)).map((word) => [...word][0])
  return letters.join("").toUpperCase()
}

interface Props {
  readonly name: string
  /** The id that it has its colour of. */
  readonly of: string
  readonly picture?: string | undefined
  /** There is a picture, and it cannot be had. */
  readonly onBroken?: (() => void) | undefined
  readonly kind: "direct" | "group"
  /** `undefined` says nothing. */
  readonly online?: boolean | undefined
  readonly small?: boolean
}

/** Over the letters, which are to be seen until it is there, and where it cannot be had. */
const Picture = ({ onBroken, picture }: Pick<Props, "onBroken" | "picture">) => {
  const [broken, setBroken] = useState<string>()
  const src = pictureUrl(picture)
  return src === undefined || src === broken ? null : (
    <img
      src={src}
      alt=""
      width={44}
      height={44}
      loading="lazy"
      decoding="async"
      draggable={false}
      referrerpolicy="no-referrer"
      onError={() => {
        setBroken(src)
        onBroken?.()
      }}
    />
  )
}

export const Avatar = ({ kind, name, of, onBroken, online, picture, small }: Props) => (
  <span class={classes({ avatar: true, [`hue-${hueOf(of)}`]: true, square: kind === "group", small: small === true })}>
    <span aria-hidden="true">{initials(name)}</span>
    {picture !== undefined && <Picture picture={picture} onBroken={onBroken} />}
    {online === true && <span class="dot" role="img" aria-label={words.times.online} />}
  </span>
)
