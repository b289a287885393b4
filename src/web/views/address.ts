/** The address of the page names the conversation that is open, so that reload, back and links work. */
import { useEffect } from "preact/hooks"
import type { Session } from "../app/session.ts"
import type { Place } from "./ConversationView.tsx"

const addressOf = (id: string | undefined): string => id === undefined ? "#" : `#/c/${encodeURIComponent(id)}`

/** What it names, and a place in it. */
const addressed = (): { readonly conversation?: string; readonly seq?: number } => {
  const match = /^#\/c\/([^/]+)(?:\/(\d{1,15}))?$/.exec(location.hash)
  try {
    if (match === null) return {}
    return { conversation: decodeURIComponent(match[1]!), ...(match[2] && { seq: Number(match[2]) }) }
  } catch {
    return {}
  }
}

export const useAddress = (
  session: Session,
  onPlace: (place: Place) => void
): (id: string | undefined, at?: number) => void => {
  useEffect(() => {
    const follow = () => {
      const { conversation, seq } = addressed()
      session.open(conversation, seq)
      if (conversation === undefined || seq === undefined) return
      // It is a place to come to and not one to come back to.
      history.replaceState(null, "", addressOf(conversation))
      onPlace({ conversation, seq })
    }
    follow()
    addEventListener("popstate", follow)
    return () => removeEventListener("popstate", follow)
  }, [session])
  return (id, at) => {
    if (addressOf(id) !== (location.hash === "" ? "#" : location.hash)) history.pushState(null, "", addressOf(id))
    session.open(id, at)
  }
}
