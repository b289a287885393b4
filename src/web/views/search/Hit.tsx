/** One text that was found: where, by whom, when, and the words that were looked for. */
import type { SearchHit } from "../../../domain/ServerFrame.ts"
import { emptyConversation } from "../../state/conversations.ts"
import { lookUp } from "../../state/lookUp.ts"
import type { State } from "../../state/model.ts"
import { describeFiles, shownName } from "../../text/files.ts"
import { partsOf } from "../../text/found.ts"
import { fullTimeOf, moment } from "../../text/time.ts"
import { words } from "../../words/index.ts"
import { Icon } from "../Icon.tsx"
import { ConversationMark } from "../people/Mark.tsx"
import { useNames } from "../people/names.tsx"

interface Props {
  readonly hit: SearchHit
  readonly state: State
  readonly now: number
  readonly id: string
  readonly active: boolean
  readonly onGo: () => void
}

export const Hit = ({ active, hit, id, now, onGo, state }: Props) => {
  const { at, attachments = [], ranges, sender, text = "" } = hit
  const names = useNames()
  const conversation = lookUp(state.conversations, hit.conversation) ?? emptyConversation(hit.conversation, state.me)
  const who = sender === state.me ? words.search.you : conversation.kind === "group" ? names.of(sender) : undefined
  const files = attachments.length > 1
    ? attachments.map(({ name }) => shownName(name)).join(", ")
    : describeFiles(attachments)
  return (
    <li id={id} role="option" aria-selected={active} class="hit" onClick={onGo}>
      <ConversationMark conversation={conversation} small />
      <span class="hit-text">
        <span class="row-line">
          <bdi class="name">{names.titleOf(conversation)}</bdi>
          <time class="soft" dateTime={new Date(at).toISOString()} title={fullTimeOf(at)}>{moment(at, now)}</time>
        </span>
        <span class="snippet" dir="auto">
          {who !== undefined && <bdi class="by">{`${who}: `}</bdi>}
          {partsOf(text, ranges).map((part, index) =>
            part.marked ? <mark key={index}>{part.text}</mark> : <span key={index}>{part.text}</span>
          )}
        </span>
        {attachments.length > 0 && (
          <span class="soft hit-files">
            <Icon name="clip" />
            <bdi>{files}</bdi>
          </span>
        )}
      </span>
    </li>
  )
}
