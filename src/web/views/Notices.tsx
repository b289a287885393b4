/** What went wrong, where one looks: over the page, or inside the dialog that lies over the page. */
import type { Notice } from "../state/model.ts"
import { IconButton } from "./IconButton.tsx"

export interface NoticesProps {
  readonly notices: ReadonlyArray<Notice>
  readonly onDismiss: (notice: number) => void
}

export const Notices = ({ notices, onDismiss }: NoticesProps) => (
  <div class="notices" role="alert">
    {notices.map(({ id, text }) => (
      <p key={id}>
        {text}
        <IconButton icon="close" label="Dismiss" onClick={() => onDismiss(id)} />
      </p>
    ))}
  </div>
)
