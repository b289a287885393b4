/** What went wrong, where one looks: over the page, or inside the dialog that lies over the page. */
import type { SignedIn } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"

export const Notices = ({ session, state }: SignedIn) => (
  <div class="notices" role="alert">
    {state.notices.map(({ id, text }) => (
      <p key={id}>
        {text}
        <IconButton icon="close" label="Dismiss" onClick={() => session.dismiss(id)} />
      </p>
    ))}
  </div>
)
