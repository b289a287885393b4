/** What went wrong, where one looks: over the page, or inside the dialog that lies over the page. */
import type { Notice } from "../state/model.ts"
import { words } from "../words/index.ts"
import type { SignedIn } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"

interface Props extends SignedIn {
  /** Where nothing lies over the page. */
  readonly onGo?: (place: Notice["place"] & {}) => void
}

export const Notices = ({ onGo, session, state }: Props) => (
  <div class="notices" role="alert">
    {state.notices.map(({ id, place, text }) => (
      <p key={id}>
        {text}
        {place !== undefined && onGo !== undefined && (
          <button
            type="button"
            class="link"
            onClick={() => {
              session.dismiss(id)
              onGo(place)
            }}
          >
            {words.message.show}
          </button>
        )}
        <IconButton icon="close" label={words.page.dismiss} onClick={() => session.dismiss(id)} />
      </p>
    ))}
  </div>
)
