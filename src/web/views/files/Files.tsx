/** The files of a message: pictures beside each other, players, and the rest to be downloaded. */
import { useRef, useState } from "preact/hooks"
import type { Attachment, Attachments } from "../../../domain/entries/Attachment.ts"
import { kindOf } from "../../text/files.ts"
import type { MessageHandlers } from "../handlers.ts"
import { Download } from "./Download.tsx"
import { Picture } from "./Picture.tsx"
import { Player } from "./Player.tsx"

interface Props {
  readonly attachments: Attachments
  readonly seq: number
  readonly handlers: Pick<MessageHandlers, "view" | "renew" | "ownPicture">
}

/** What could not be had after that long may be had again. */
const renewMillis = 600_000

/**
 * What cannot be loaded is tried once more, with paths that are new: they may have ended while the page was open, or there
 * was no network. What cannot be had after that either is not there, or not what it says.
 */
const useBroken = ({ handlers, seq }: Props) => {
  const [broken, setBroken] = useState<ReadonlySet<string>>(new Set())
  const [attempt, setAttempt] = useState(0)
  const asked = useRef(-Infinity)
  const asking = useRef(false)
  return {
    attempt,
    isBroken: ({ file }: Attachment) => broken.has(file),
    onBroken: ({ file }: Attachment) => {
      if (asking.current) return
      if (Date.now() - asked.current < renewMillis) return setBroken((before) => new Set(before).add(file))
      asked.current = Date.now()
      asking.current = true
      void handlers.renew(seq).then(() => {
        asking.current = false
        setAttempt((before) => before + 1)
      })
    }
  }
}

export const Files = (props: Props) => {
  const { attachments, handlers, seq } = props
  const { attempt, isBroken, onBroken } = useBroken(props)
  const shownAs = (each: Attachment) => isBroken(each) ? "file" : kindOf(each)
  const pictures = attachments.filter((each) => shownAs(each) === "picture")
  return (
    <div class="files">
      {pictures.length > 0 && (
        <div class={pictures.length === 1 ? "one" : "tiles"}>
          {pictures.map((each) => (
            <Picture
              key={`${each.file} ${attempt}`}
              attachment={each}
              own={handlers.ownPicture(each.file)}
              tile={pictures.length > 1}
              onOpen={() => handlers.view(seq, each.file)}
              onBroken={() => onBroken(each)}
            />
          ))}
        </div>
      )}
      {attachments.map((each) => {
        const kind = shownAs(each)
        if (kind === "picture") return null
        return kind === "file"
          ? <Download key={each.file} attachment={each} />
          : (
            <Player
              key={`${each.file} ${attempt}`}
              attachment={each}
              kind={kind}
              onBroken={() => onBroken(each)}
            />
          )
      })}
    </div>
  )
}
