/** What went wrong, where one looks: over the page, or inside the dialog that lies over the page. */
import type { Notice } from "../state/model.ts"
import { Icon } from "./Icon.tsx"

export interface NoticesProps {
  readonly notices: ReadonlyArray<Notice>
  readonly onDismiss: (notice: number) => void
}

export const Notices = ({ notices, onDismiss }: NoticesProps) => (
  <div class="notices" role="alert">
    {notices.map(({ id, text }) => (
      <p key={id}>
        {text}
        <button type="button" class="quiet round" aria-label="Dismiss" onClick={() => onDismiss(id)}>
          <Icon name="close" />
        </button>
      </p>
    ))}
  </div>
)
