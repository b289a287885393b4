/** With whom one talks, and whether they are here. */
import { lookUp } from "../state/lookUp.ts"
import type { Conversation } from "../state/model.ts"
import { whereabouts } from "../text/time.ts"
import { words } from "../words/index.ts"
import { ConversationMenu } from "./ConversationMenu.tsx"
import type { SignedIn } from "./handlers.ts"
import { IconButton } from "./IconButton.tsx"
import { ConversationMark, isOnline } from "./people/Mark.tsx"
import { Name } from "./people/names.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
  /** The only pane: then this is what the page is about. */
  readonly narrow: boolean
  readonly onBack: () => void
  readonly onLeave: () => void
  readonly onDetails: () => void
  readonly onSearch: () => void
  readonly onGallery: () => void
}

const subtitle = ({ conversation, now, state: { me, presence } }: Props): string => {
  if (conversation.kind === "direct") {
    if (conversation.with === me) return words.header.ownNotes
    return whereabouts(lookUp(presence, conversation.with), now)
  }
  if (conversation.gone) return words.header.noMember
  const members = conversation.info?.members
  if (members === undefined) return words.header.group
  const here = members.filter(({ user }) => user === me || lookUp(presence, user)?.online === true).length
  return words.header.membersOnline(members.length, here)
}

export const ChatHeader = (props: Props) => {
  const { conversation, onBack, onDetails, onGallery, onLeave, onSearch, state } = props
  const { kind, name, with: peer } = conversation
  const Heading = props.narrow ? "h1" : "h2"
  return (
    <header class="chat-header">
      <IconButton class="quiet round back" icon="back" label={words.header.back} onClick={onBack} />
      <ConversationMark conversation={conversation} online={isOnline(conversation, state.presence)} />
      <div class="who">
        <Heading>
          {kind === "direct" ? <Name user={peer} /> : <bdi>{name}</bdi>}
        </Heading>
        <p class="soft">{subtitle(props)}</p>
      </div>
      <IconButton icon="search" label={words.header.search} onClick={onSearch} />
      <IconButton icon="files" label={words.header.files} onClick={onGallery} />
      <IconButton
        icon="info"
        label={kind === "group" ? words.header.groupDetails : words.header.contactDetails}
        onClick={onDetails}
      />
      <ConversationMenu {...props} onLeave={onLeave} />
    </header>
  )
}
