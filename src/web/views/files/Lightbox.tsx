/** One picture as large as the window. The arrows go to the others, Esc goes back. */
import { useEffect } from "preact/hooks"
import type { Picture } from "../../state/selectors.ts"
import { previewUrl, safeUrl, shownName, sizeOf } from "../../text/files.ts"
import { fullTimeOf } from "../../text/time.ts"
import { words } from "../../words/index.ts"
import { Icon } from "../Icon.tsx"
import { IconButton } from "../IconButton.tsx"
import { useDialog } from "../Modal.tsx"
import { Name, useNames } from "../people/names.tsx"
import { downloadOf } from "./Download.tsx"
import { FileName } from "./FileName.tsx"

interface Props {
  readonly pictures: ReadonlyArray<Picture>
  readonly index: number
  readonly own: (file: string) => string | undefined
  readonly onMove: (picture: Picture) => void
  readonly onBroken: (picture: Picture) => void
  readonly onClose: () => void
  /** Where it was said; not from there itself. */
  readonly onGo?: ((picture: Picture) => void) | undefined
}

export const Lightbox = ({ index, onBroken, onClose, onGo, onMove, own, pictures }: Props) => {
  const dialog = useDialog()
  const picture = pictures[index]
  // Deleted while somebody looked at it.
  useEffect(() => {
    if (picture === undefined) onClose()
  }, [picture === undefined])
  const { attachment, at, sender } = picture ?? {}
  const names = useNames()
  const name = shownName(attachment?.name ?? "")
  const src = attachment && (own(attachment.file) ?? safeUrl(attachment.url))
  const move = (step: number) => {
    const next = pictures.at((index + step) % pictures.length)
    if (next !== undefined) onMove(next)
  }
  return (
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={words.files.picture(name)}
      onClose={onClose}
      onKeyDown={({ key }) => {
        if (key === "ArrowLeft") move(-1)
        if (key === "ArrowRight") move(1)
      }}
    >
      {picture !== undefined && attachment !== undefined && (
        <>
          <header>
            <p>
              <FileName name={attachment.name} />
              <span class="soft">
                <Name user={sender ?? ""} />, {fullTimeOf(at ?? 0)}, {sizeOf(attachment.size)}
              </span>
            </p>
            {onGo !== undefined && (
              <IconButton
                icon="goTo"
                label={words.files.showInConversation}
                onClick={() => onGo(picture)}
              />
            )}
            <a class="quiet round" {...downloadOf(attachment)} aria-label={words.files.download(name)}>
              <Icon name="download" />
            </a>
            <IconButton icon="close" label={words.page.close} onClick={() => dialog.current?.close()} />
          </header>
          <div class="stage" onClick={(event) => event.target === event.currentTarget && dialog.current?.close()}>
            <img
              key={attachment.file}
              src={src ?? previewUrl(attachment.preview)}
              width={attachment.width}
              height={attachment.height}
              alt={words.files.pictureBy(name, names.within(sender ?? ""))}
              onError={() => onBroken(picture)}
            />
          </div>
          {pictures.length > 1 && (
            <footer>
              <IconButton icon="left" label={words.files.pictureBefore} onClick={() => move(-1)} />
              <span role="status">{words.files.place(index + 1, pictures.length)}</span>
              <IconButton icon="right" label={words.files.pictureAfter} onClick={() => move(1)} />
            </footer>
          )}
        </>
      )}
    </dialog>
  )
}
