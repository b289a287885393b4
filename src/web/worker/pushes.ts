/** What is pushed while no page is there to hear it, and what a click on a notification does. */
import { type Note, type NoteData, noteOf, tagOf } from "../text/note.ts"
import { readDevice, wordsOf } from "./device.ts"
import { type Answer, ask, post } from "./messages.ts"
import { aboutOf, placeOf } from "./payload.ts"

const answerMillis = 500

export const makePushes = ({ clients, registration }: ServiceWorkerGlobalScope) => {
  const { scope } = registration

  const tabs = async (): Promise<ReadonlyArray<WindowClient>> => {
    const all = await clients.matchAll({ type: "window", includeUncontrolled: true })
    return all.filter(({ url }) => url.startsWith(scope))
  }

  const whoIs = (tab: WindowClient) => ask<Answer>(tab, { type: "who" }, answerMillis)

  /** Browsers insist on a notification for each push, unless somebody is looking at the page. */
  const isLookedAt = async (user: string, conversation: string): Promise<boolean> => {
    const focused = (await tabs()).find((tab) => tab.focused)
    const answer = focused === undefined ? undefined : await whoIs(focused)
    return answer !== undefined && answer.visible && answer.user === user && answer.open === conversation
  }

  const show = (note: Note, silent: boolean): Promise<void> => {
    const { body, data, tag, title } = note
    // What the page showed of the same conversation is replaced; `renotify` says so aloud, and not every list knows it.
    const options: NotificationOptions & { renotify: boolean } = { body, data, tag, renotify: true }
    return registration.showNotification(title, silent ? { ...options, silent } : options)
  }

  return {
    pushed: async (json: string): Promise<void> => {
      const device = await readDevice(scope)
      const about = device === undefined ? undefined : aboutOf(json, device.user)
      if (device === undefined || about === undefined) {
        // Of whom it is for nothing is known any more, so nothing of it is shown.
        const body = device?.words.newMessage ?? "New message"
        return show({ title: "Switchboard", body, tag: tagOf("", ""), data: { user: "" } }, false)
      }
      if (await isLookedAt(device.user, about.conversation)) return
      await show(noteOf(about, device.show, wordsOf(device)), !device.sound)
    },
    clicked: async (data: NoteData): Promise<void> => {
      const { conversation, seq, user } = data
      const all = await tabs()
      const answers = await Promise.all(all.map(async (tab) => [tab, await whoIs(tab)] as const))
      const own = answers.filter(([, answer]) => answer?.user === user)
      const [tab] = own.find(([{ focused }]) => focused) ?? own[0] ?? []
      if (tab === undefined) return void await clients.openWindow(new URL(placeOf(conversation, seq), scope).href)
      await tab.focus().catch(() => tab)
      post(tab, { type: "open", data })
    },
    /** The browser gave another subscription, or none: pages tell the server, now or when one is opened. */
    changed: async (options: PushSubscriptionOptions | undefined): Promise<void> => {
      if (options !== undefined) {
        const { applicationServerKey, userVisibleOnly } = options
        await registration.pushManager.subscribe({ applicationServerKey, userVisibleOnly }).catch(() => undefined)
      }
      for (const tab of await tabs()) post(tab, { type: "subscription" })
    }
  }
}
