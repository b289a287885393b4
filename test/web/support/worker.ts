/** The service worker of a page, as the browser's tools see it. */
import type { BrowserContextOptions } from "playwright-core"
import { comesTrue } from "./comesTrue.ts"
import type { Person } from "./person.ts"

/** A context with one. */
export const withWorker: BrowserContextOptions = { serviceWorkers: "allow" }

/** One that may show notifications, too. */
export const withNotes: BrowserContextOptions = { ...withWorker, permissions: ["notifications"] }

export interface ShownNote {
  readonly title: string
  readonly body: string
  readonly tag: string
}

/** What of a worker's world is used; the list of its types cannot be had beside that of a page. */
interface WorkerScope {
  readonly registration: ServiceWorkerRegistration
  readonly dispatchEvent: (event: Event) => boolean
  readonly NotificationEvent: new(type: string, init: { readonly notification: Notification }) => Event
  shown?: Promise<void>
}

const scopeOf = (page: Person) => page.context().serviceWorkers()[0]!.evaluateHandle<WorkerScope>("globalThis")

export const workerReady = (page: Person) =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready
    if (active!.state !== "activated") {
      await new Promise((resolve) => active!.addEventListener("statechange", resolve, { once: true }))
    }
  })

/** The browser has this subscription to give: Chromium would have to register with a push service that cannot be reached. */
export const subscribesTo = (
  page: Person,
  subscription: { readonly endpoint: string; readonly keys: Readonly<Record<string, string>> }
) =>
  page.addInitScript(({ endpoint, keys }) => {
    let current: object | null = null
    const { prototype } = PushManager
    prototype.subscribe = (options) => {
      const key = options!.applicationServerKey as Uint8Array<ArrayBuffer>
      current = {
        endpoint,
        options: { applicationServerKey: key.buffer },
        toJSON: () => ({ endpoint, keys }),
        unsubscribe: () => {
          current = null
          return Promise.resolve(true)
        }
      }
      return Promise.resolve(current as PushSubscription)
    }
    prototype.getSubscription = () => Promise.resolve(current as PushSubscription | null)
  }, subscription)

/**
 * What the push service of the browser would hand over, until it is shown. Chromium forgets a notification that is asked
 * for between its being written down and its lying there, so nobody may look before.
 */
export const push = async (page: Person, data: string): Promise<void> => {
  const scope = await scopeOf(page)
  await scope.evaluate((self) => {
    const { registration } = self
    self.shown = new Promise((resolve, reject) => {
      registration.showNotification = (...note) => {
        const { showNotification } = ServiceWorkerRegistration.prototype
        const shown = showNotification.apply(registration, note)
        shown.then(resolve, reject)
        return shown
      }
    })
  })
  const tools = await page.context().newCDPSession(page)
  const registration = new Promise<string>((resolve) =>
    tools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const found = registrations.find(({ isDeleted, scopeURL }) => !isDeleted && page.url().startsWith(scopeURL))
      if (found !== undefined) resolve(found.registrationId)
    })
  )
  await tools.send("ServiceWorker.enable")
  const { origin } = new URL(page.url())
  await tools.send("ServiceWorker.deliverPushMessage", { origin, registrationId: await registration, data })
  await tools.detach()
  await scope.evaluate(({ shown }) => shown)
}

/** Those that lie there, as soon as there are so many. */
export const notes = async (page: Person, count: number): Promise<ReadonlyArray<ShownNote>> => {
  let all: ReadonlyArray<ShownNote> = []
  await comesTrue(async () => {
    all = await page.evaluate(async () => {
      const { getNotifications } = ServiceWorkerRegistration.prototype
      const shown = await getNotifications.call(await navigator.serviceWorker.ready)
      return shown.map(({ body, tag, title }) => ({ body, tag, title }))
    })
    return all.length === count
  })
  return all
}

/** Clicks on the only one. */
export const clickNote = async (page: Person): Promise<void> => {
  const scope = await scopeOf(page)
  await scope.evaluate(async (self) => {
    const [notification] = await self.registration.getNotifications()
    self.dispatchEvent(new self.NotificationEvent("notificationclick", { notification: notification! }))
  })
}
