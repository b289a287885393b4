/** The picture of a conversation that one looks at, among all that are held. */
import { useMemo, useState } from "preact/hooks"
import type { Session } from "../../app/session.ts"
import type { Conversation } from "../../state/model.ts"
import { picturesOf } from "../../state/selectors.ts"
import { Lightbox } from "./Lightbox.tsx"

interface Shown {
  readonly seq: number
  readonly file: string
}

export const useViewer = ({ conversation, session }: {
  readonly conversation: Conversation
  readonly session: Session
}) => {
  const [shown, setShown] = useState<Shown>()
  const pictures = useMemo(
    () => shown === undefined ? [] : picturesOf(conversation.items),
    [conversation.items, shown === undefined]
  )
  const index = pictures.findIndex(({ attachment, seq }) => seq === shown?.seq && attachment.file === shown.file)
  return {
    view: useMemo(() => (seq: number, file: string) => setShown({ seq, file }), []),
    viewer: shown !== undefined && (
      <Lightbox
        pictures={pictures}
        index={index}
        own={session.ownPicture}
        onMove={({ attachment: { file }, seq }) => setShown({ seq, file })}
        onBroken={({ seq }) => void session.renew(conversation.id, seq)}
        onClose={() => setShown(undefined)}
      />
    )
  }
}
