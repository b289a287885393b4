/** Says at once that nobody has ever seen whom one is about to write to, and who may be meant instead. */
import { useEffect } from "preact/hooks"
import { conversationOf } from "../../state/conversations.ts"
import type { Conversation } from "../../state/model.ts"
import { words } from "../../words/index.ts"
import type { SignedIn } from "../handlers.ts"
import { useNames } from "./names.tsx"
import { otherCaseOf } from "./suggestions.ts"

interface Props extends SignedIn {
  readonly conversation: Conversation
  readonly onOpen: (conversation: string) => void
}

export const Stranger = ({ conversation, onOpen, session, state }: Props) => {
  const { head, kind, with: user } = conversation
  const names = useNames()
  const isNew = kind === "direct" && head === 0 && user !== state.me
  const ready = state.link._tag === "Ready"
  useEffect(() => {
    if (isNew && ready) session.loadPerson(user)
  }, [user, isNew, ready])
  const unseen = state.people[user]?.unseen === true
  const other = isNew ? otherCaseOf(user, state) : undefined
  if (!isNew || (!unseen && other === undefined)) return null
  return (
    <div class="stranger" role="status">
      {unseen && <p>{words.people.unseen(names.within(user))}</p>}
      {other !== undefined && (
        <p>
          {words.people.otherCase(other)}{" "}
          <button
            type="button"
            class="link"
            onClick={() => onOpen(conversationOf({ recipient: other }, state.me))}
          >
            {words.people.writeTo(names.within(other))}
          </button>
        </p>
      )}
    </div>
  )
}
