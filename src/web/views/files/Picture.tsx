/** A picture that has its place before it is there, with a blurred hint of it until then. */
import { useState } from "preact/hooks"
import type { Attachment } from "../../../domain/entries/Attachment.ts"
import { previewUrl, safeUrl, shownName } from "../../text/files.ts"
import { words } from "../../words/index.ts"
import { classes } from "../classes.ts"

interface Props {
  readonly attachment: Attachment
  /** Where this browser has it already. */
  readonly own: string | undefined
  /** One of several: then all are of one size. */
  readonly tile: boolean
  readonly onOpen: () => void
  readonly onBroken: () => void
}

/** The longest side that it has in the log, and how far from a square it may be there. */
const longest = 320
const steepest = 3

/** As wide as it is, or as the log has room for; what is very long or very wide is cut. */
const placeOf = ({ height = 1, width = 1 }: Attachment) => {
  const ratio = Math.min(steepest, Math.max(1 / steepest, width / height))
  const shownWidth = Math.max(72, Math.min(width, longest, longest * ratio))
  return { width: `${Math.round(shownWidth)}px`, aspectRatio: `${ratio}` }
}

export const Picture = ({ attachment, onBroken, onOpen, own, tile }: Props) => {
  const { height, name, preview, url, width } = attachment
  const [there, setThere] = useState<string>()
  const src = own ?? safeUrl(url)
  const hint = previewUrl(preview)
  const shown = shownName(name)
  return (
    <button
      type="button"
      class={classes({ picture: true, there: there !== undefined })}
      style={tile ? undefined : placeOf(attachment)}
      aria-label={words.files.openPicture(shown)}
      onClick={onOpen}
    >
      {hint !== undefined && there === undefined && <img class="hint" src={hint} alt="" aria-hidden="true" />}
      {src !== undefined && (
        <img
          key={src}
          src={src}
          width={width}
          height={height}
          alt={words.files.picture(shown)}
          decoding="async"
          loading="lazy"
          draggable={false}
          onLoad={() => setThere(src)}
          onError={onBroken}
        />
      )}
    </button>
  )
}
