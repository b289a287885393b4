/** With whom one talks, and whether they are here. */
import { lookUp } from "../state/lookUp.ts"
import type { Conversation } from "../state/model.ts"
import { whereabouts } from "../text/time.ts"
import { Avatar } from "./Avatar.tsx"
import type { SignedIn } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  /** The only pane: then this is what the page is about. */
  readonly narrow: boolean
  readonly onBack: () => void
  readonly onDetails: () => void
}

const subtitle = ({ conversation, now, state: { me, presence } }: Props): string => {
  if (conversation.kind === "direct") {
    if (conversation.with === me) return "Notes to yourself"
    return whereabouts(lookUp(presence, conversation.with), now)
  }
  if (conversation.gone) return "You are no longer a member"
  const members = conversation.info?.members
  if (members === undefined) return "Group"
  const here = members.filter(({ user }) => user === me || lookUp(presence, user)?.online === true).length
  return `${members.length} ${members.length === 1 ? "member" : "members"}, ${here} online`
}

export const ChatHeader = (props: Props) => {
  const { conversation, onBack, onDetails, state } = props
  const { kind, name, with: peer } = conversation
  const Heading = props.narrow ? "h1" : "h2"
  return (
    <header class="chat-header">
      <IconButton class="quiet round back" icon="back" label="Back to conversations" onClick={onBack} />
      <Avatar name={name} kind={kind} online={kind === "direct" ? lookUp(state.presence, peer)?.online : undefined} />
      <div class="who">
        <Heading>
          <bdi>{name}</bdi>
        </Heading>
        <p class="soft">{subtitle(props)}</p>
      </div>
      <IconButton icon="info" label={kind === "group" ? "Group details" : "Contact details"} onClick={onDetails} />
    </header>
  )
}
