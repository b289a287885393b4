/** A picture of somebody or of a group, chosen, changed and taken away. */
import { type ComponentChildren } from "preact"
import { useRef, useState } from "preact/hooks"
import { words } from "../../words/index.ts"

interface Props {
  /** As it is now. */
  readonly children: ComponentChildren
  readonly there: boolean
  /** Answers once it is done, or could not be done. */
  readonly onChoose: (file: Blob) => Promise<unknown>
  readonly onRemove: () => Promise<unknown>
}

export const PictureField = ({ children, onChoose, onRemove, there }: Props) => {
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const during = (work: Promise<unknown>) => {
    setBusy(true)
    void work.finally(() => setBusy(false))
  }
  return (
    <div class="picture-field">
      {children}
      <div>
        <button type="button" disabled={busy} onClick={() => input.current?.click()}>
          {words.people.choosePicture}
        </button>
        {there && (
          <button type="button" class="quiet" disabled={busy} onClick={() => during(onRemove())}>
            {words.people.removePicture}
          </button>
        )}
        <p class="soft" role="status">{busy ? words.people.preparing : ""}</p>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/png,image/jpeg,image/webp,image/gif,image/avif"
        aria-label={words.people.picture}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0]
          if (file !== undefined) during(onChoose(file))
          // The same file may be chosen again.
          currentTarget.value = ""
        }}
      />
    </div>
  )
}
