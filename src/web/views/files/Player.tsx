/** A film or a sound, with the browser's own controls; nothing of it is loaded before somebody plays it. */
import type { Attachment } from "../../../domain/entries/Attachment.ts"
import { safeUrl, shownName } from "../../text/files.ts"
import { Download } from "./Download.tsx"

interface Props {
  readonly attachment: Attachment
  readonly kind: "video" | "audio"
  readonly onBroken: () => void
}

export const Player = ({ attachment, kind, onBroken }: Props) => {
  const { height, name, url, width } = attachment
  const src = safeUrl(url)
  const common = { src, controls: true, preload: "metadata", "aria-label": shownName(name), onError: onBroken } as const
  return kind === "video"
    ? (
      <video
        {...common}
        class="film"
        playsInline
        style={{ aspectRatio: width !== undefined && height !== undefined ? `${width / height}` : "16 / 9" }}
      />
    )
    : (
      <figure class="sound">
        <figcaption>
          <Download attachment={attachment} />
        </figcaption>
        <audio {...common} />
      </figure>
    )
}
