/** All files of a conversation, the newest first: pictures beside each other, the rest below each other. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Attachment } from "../../../domain/entries/Attachment.ts"
import type { Conversation } from "../../state/model.ts"
import type { Picture as ShownPicture } from "../../state/selectors.ts"
import { kindOf } from "../../text/files.ts"
import { moment } from "../../text/time.ts"
import { words } from "../../words/index.ts"
import type { Place } from "../ConversationView.tsx"
import type { SignedIn } from "../handlers.ts"
import { IconButton } from "../IconButton.tsx"
import { Modal } from "../Modal.tsx"
import { Name } from "../people/names.tsx"
import { Download } from "./Download.tsx"
import { Lightbox } from "./Lightbox.tsx"
import { Picture } from "./Picture.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  readonly onClose: () => void
  readonly onGo: (place: Place) => void
}

type Tab = "pictures" | "files"

const nearEnd = 400

/** Asks for more as long as there is more and the end of what is there is to be seen. */
const useMore = ({ session, state: { finds: { gallery } } }: Props, tab: Tab) => {
  const scroller = useRef<HTMLDivElement>(null)
  const look = () => {
    const frame = scroller.current
    if (frame === null || gallery?.cursor === undefined || gallery.status !== "there") return
    if (frame.scrollHeight - frame.scrollTop - frame.clientHeight < nearEnd) session.findMore("gallery")
  }
  useEffect(look, [gallery, tab])
  return { scroller, look }
}

const useShown = ({ state: { finds: { gallery } } }: Props) =>
  useMemo(() => {
    const all = (gallery?.hits ?? []).flatMap(({ at, attachments = [], sender, seq }) =>
      attachments.map((attachment): ShownPicture => ({ attachment, at, sender, seq }))
    )
    const isPicture = ({ attachment }: ShownPicture) => kindOf(attachment) === "picture"
    return { pictures: all.filter(isPicture), files: all.filter((each) => !isPicture(each)) }
  }, [gallery?.hits])

const emptyText = ({ state: { finds: { gallery } } }: Props, tab: Tab): string => {
  if (gallery?.status === "failed") return gallery.problem ?? ""
  if (gallery === undefined || gallery.status === "looking" || gallery.cursor !== undefined) return words.page.loading
  return tab === "pictures" ? words.files.noPictures : words.files.noOthers
}

/** Its links may have ended while it was open; once that is so, all of it is asked for again. */
const useRenewal = ({ conversation: { id }, session }: Props) => {
  const renewed = useRef(false)
  const ask = () => session.find("gallery", { query: "", has: "file", conversation: id })
  useEffect(() => {
    ask()
    return () => session.findEnd("gallery")
  }, [id])
  return () => {
    if (!renewed.current) ask()
    renewed.current = true
  }
}

export const Gallery = (props: Props) => {
  const { conversation: { id: conversation }, now, onClose, onGo, session, state: { finds } } = props
  const [tab, setTab] = useState<Tab>("pictures")
  const [shown, setShown] = useState<ShownPicture>()
  const { files, pictures } = useShown(props)
  const { look, scroller } = useMore(props, tab)
  const onBroken = useRenewal(props)
  const go = ({ seq }: ShownPicture) => onGo({ conversation, seq })
  const key = ({ attachment: { file }, seq }: { readonly attachment: Attachment; readonly seq: number }) =>
    `${seq} ${file}`
  const isEmpty = (tab === "pictures" ? pictures : files).length === 0
  return (
    <Modal {...props} class="gallery" title={words.files.gallery} onClose={onClose}>
      <div class="choices" role="group" aria-label={words.files.kinds}>
        {(["pictures", "files"] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={tab === each}
            onClick={() => setTab(each)}
          >
            {each === "pictures" ? words.files.pictures : words.files.others}
          </button>
        ))}
      </div>
      <div
        ref={scroller}
        class="gallery-pane"
        onScroll={look}
        tabIndex={0}
        role="region"
        aria-label={tab === "pictures" ? words.files.pictures : words.files.others}
      >
        {tab === "pictures"
          ? (
            <ul class="tiles">
              {pictures.map((each) => (
                <li key={key(each)}>
                  <Picture
                    attachment={each.attachment}
                    own={session.ownPicture(each.attachment.file)}
                    tile
                    onOpen={() => setShown(each)}
                    onBroken={onBroken}
                  />
                </li>
              ))}
            </ul>
          )
          : (
            <ul class="file-list">
              {files.map((each) => (
                <li key={key(each)}>
                  <Download attachment={each.attachment} />
                  <span class="soft">
                    <Name user={each.sender} />, {moment(each.at, now)}
                  </span>
                  <IconButton icon="goTo" label={words.files.showInConversation} onClick={() => go(each)} />
                </li>
              ))}
            </ul>
          )}
        <p class="soft empty" role="status">
          {isEmpty ? emptyText(props, tab) : finds.gallery?.status === "looking" ? words.page.loading : ""}
        </p>
      </div>
      {shown !== undefined && (
        <Lightbox
          pictures={pictures}
          index={pictures.findIndex((each) => key(each) === key(shown))}
          own={session.ownPicture}
          onMove={setShown}
          onBroken={onBroken}
          onClose={() => setShown(undefined)}
          onGo={go}
        />
      )}
    </Modal>
  )
}
