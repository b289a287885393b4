/** The dialog that lies over the page, if any. */
import type { Conversation } from "../state/model.ts"
import type { Place } from "./ConversationView.tsx"
import { Details } from "./Details.tsx"
import { Gallery } from "./files/Gallery.tsx"
import type { SignedIn } from "./handlers.ts"
import { NewConversation } from "./NewConversation.tsx"
import { Notifications } from "./notify/Notifications.tsx"
import { OwnProfile } from "./people/OwnProfile.tsx"
import { SearchDialog } from "./search/SearchDialog.tsx"

export type Dialog = "person" | "group" | "details" | "gallery" | "search" | "profile" | "notifications"

/** What is looked for, and where. */
export interface Asked {
  readonly query?: string
  readonly conversation?: string
}

interface Props extends SignedIn {
  readonly over: Dialog | undefined
  readonly search: Asked | undefined
  /** The one that is open. */
  readonly conversation: Conversation | undefined
  readonly onClose: () => void
  readonly onGo: (place: Place) => void
  readonly onOpen: (conversation: string) => void
}

export const Over = ({ conversation, onClose, onGo, onOpen, over, search, ...common }: Props) => {
  switch (over) {
    case undefined:
      return null
    case "person":
    case "group":
      return (
        <NewConversation
          {...common}
          kind={over}
          onClose={onClose}
          onOpen={(id) => {
            onClose()
            onOpen(id)
          }}
        />
      )
    case "search":
      return <SearchDialog {...common} {...search} open={conversation} onClose={onClose} onGo={onGo} />
    case "notifications":
      return <Notifications {...common} onClose={onClose} />
    case "profile":
      return <OwnProfile {...common} onClose={onClose} />
    case "details":
      return conversation === undefined
        ? null
        : <Details {...common} conversation={conversation} onClose={onClose} />
    case "gallery":
      return conversation === undefined
        ? null
        : <Gallery {...common} conversation={conversation} onClose={onClose} onGo={onGo} />
  }
}
