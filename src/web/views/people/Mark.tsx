/** The round mark of somebody, and the mark of a conversation, in the list or above it. */
import { lookUp } from "../../state/lookUp.ts"
import type { Conversation } from "../../state/model.ts"
import { Avatar } from "../Avatar.tsx"
import { useNames } from "./names.tsx"

interface Props {
  readonly user: string
  readonly online?: boolean | undefined
  readonly small?: boolean
}

export const PersonMark = ({ user, ...props }: Props) => {
  const names = useNames()
  const person = names.person(user)
  return (
    <Avatar
      {...props}
      name={person?.name ?? user}
      of={user}
      kind="direct"
      picture={person?.picture}
      onBroken={() => names.renew(user)}
    />
  )
}

interface ConversationProps extends Omit<Props, "user"> {
  readonly conversation: Pick<Conversation, "kind" | "name" | "picture" | "with">
}

export const ConversationMark = ({ conversation: { kind, name, picture, with: peer }, ...props }: ConversationProps) =>
  kind === "direct"
    ? <PersonMark {...props} user={peer} />
    : <Avatar {...props} name={name} of={peer} kind="group" picture={picture} />

export const isOnline = (
  { kind, with: peer }: Conversation,
  presence: Readonly<Record<string, { readonly online: boolean }>>
): boolean | undefined => kind === "direct" ? lookUp(presence, peer)?.online : undefined
