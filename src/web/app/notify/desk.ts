/** Where notifications lie: with the service worker, so that they outlive the tab, or without one with this tab. */
import type { Note, NoteData } from "../../text/note.ts"

export interface Desk {
  /** `again` draws attention also where one of the same tag lies there. */
  readonly show: (note: Note, again: boolean) => void
  /** Takes away those of the user that fit. */
  readonly remove: (fits: (data: NoteData) => boolean) => void
}

export type Permission = NotificationPermission | "unsupported" | "insecure"

export const permission = (): Permission =>
  typeof Notification === "undefined"
    ? isSecureContext ? "unsupported" : "insecure"
    : Notification.permission

/** Only from a click: browsers take it amiss otherwise. */
export const askPermission = async (): Promise<Permission> => {
  if (permission() === "default") await Notification.requestPermission()
  return permission()
}

const isData = (u: unknown): u is NoteData => typeof u === "object" && u !== null && "user" in u

/** `worker` is the registration once there is an active one; `onClick` is for notifications of this tab. */
export const makeDesk = (
  user: string,
  worker: () => ServiceWorkerRegistration | undefined,
  onClick: (data: NoteData) => void
): Desk => {
  const own = new Map<string, Notification>()

  const open = ({ body, data, icon, tag, title }: Note, again: boolean) => {
    // The page has a sound of its own, or none.
    const options = { body, tag, data, silent: true, renotify: again, ...(icon === undefined ? undefined : { icon }) }
    const active = worker()
    if (active !== undefined) return void active.showNotification(title, options).catch(() => {})
    try {
      const shown = new Notification(title, options)
      own.set(tag, shown)
      shown.addEventListener("close", () => own.get(tag) === shown && own.delete(tag))
      shown.addEventListener("click", () => {
        focus()
        shown.close()
        onClick(data)
      })
    } catch {
      // Some browsers of phones have them only with a service worker.
    }
  }

  return {
    show: (note, again) => {
      if (permission() === "granted") open(note, again)
    },
    remove: (fits) => {
      for (const shown of own.values()) if (isData(shown.data) && fits(shown.data)) shown.close()
      void worker()?.getNotifications().then((all) => {
        for (const shown of all) if (isData(shown.data) && shown.data.user === user && fits(shown.data)) shown.close()
      }, () => {})
    }
  }
}
