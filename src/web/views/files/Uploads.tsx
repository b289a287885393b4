/** Files on their way: how far each has come, and what can be done about it. */
import type { Session } from "../../app/session.ts"
import type { Upload } from "../../state/upload.ts"
import { familyOf, shownName, sizeOf } from "../../text/files.ts"
import { words } from "../../words/index.ts"
import { classes } from "../classes.ts"
import { Icon } from "../Icon.tsx"
import { IconButton } from "../IconButton.tsx"
import { FileName } from "./FileName.tsx"

interface Props {
  readonly uploads: ReadonlyArray<Upload>
  readonly session: Session
  readonly label: string
}

const stateOf = ({ again, held, progress, size }: Upload): string => {
  switch (progress._tag) {
    case "Waiting":
      return words.uploads[again === true ? "beginsAgain" : "waiting"](sizeOf(size))
    case "Going": {
      const percent = size === 0 ? 0 : Math.floor(progress.sent / size * 100)
      return words.uploads[again === true ? "goingAgain" : "going"](percent, sizeOf(size))
    }
    case "There":
      return held === true ? words.uploads.checked(sizeOf(size)) : sizeOf(size)
    case "Failed":
      return progress.reason
  }
}

const Chip = ({ session, upload }: { readonly upload: Upload; readonly session: Session }) => {
  const { id, name, progress, shown, size } = upload
  const failed = progress._tag === "Failed"
  return (
    <li class={classes({ upload: true, failed })}>
      {shown === undefined
        ? (
          <span class="thumb">
            <Icon name={familyOf(name)} />
          </span>
        )
        : <img class="thumb" src={shown} alt="" decoding="async" />}
      <span class="upload-text">
        <FileName name={name} />
        <span class={failed ? "problem" : "soft"} role={failed ? "alert" : undefined}>{stateOf(upload)}</span>
        {(progress._tag === "Going" || progress._tag === "Waiting") && (
          <progress
            aria-label={words.uploads.progress(shownName(name))}
            max={Math.max(1, size)}
            value={progress._tag === "Going" ? progress.sent : 0}
          />
        )}
      </span>
      {failed && (
        <IconButton
          icon="again"
          label={words.uploads.retry(shownName(name))}
          onClick={() => session.retryUpload(id)}
        />
      )}
      <IconButton icon="close" label={words.uploads.remove(shownName(name))} onClick={() => session.cancelUpload(id)} />
    </li>
  )
}

/** Said to those who do not see it, at the end and not at each step. */
const spoken = (uploads: ReadonlyArray<Upload>): string => {
  const there = uploads.filter(({ progress }) => progress._tag === "There").length
  const again = uploads.some((each) => each.again === true && each.progress._tag !== "There")
  return words.uploads.spoken(there, uploads.length, again)
}

export const Uploads = ({ label, session, uploads }: Props) => (
  <>
    <ul class="uploads" aria-label={label}>
      {uploads.map((upload) => <Chip key={upload.id} upload={upload} session={session} />)}
    </ul>
    <p class="heard" role="status">{spoken(uploads)}</p>
  </>
)
