/** The service worker: opens the page without a network, and shows what is pushed while no page is open. */
import type { NoteData } from "../text/note.ts"
import type { ToWorker } from "./messages.ts"
import { makePushes } from "./pushes.ts"
import { makeShell, type Shell } from "./shell.ts"

declare const self: ServiceWorkerGlobalScope & { readonly shell: Shell }

interface SubscriptionChange extends ExtendableEvent {
  readonly oldSubscription?: PushSubscription | null
}

const { registration, shell: built } = self
const shell = makeShell(built, registration.scope)
const pushes = makePushes(self)

self.addEventListener("install", (event) => event.waitUntil(shell.install()))

self.addEventListener("activate", (event) => event.waitUntil(shell.clean().then(() => self.clients.claim())))

self.addEventListener("fetch", (event) => {
  const answer = shell.answer(event.request)
  if (answer !== undefined) event.respondWith(answer)
})

self.addEventListener("message", (event) => {
  // Only pages of this scope can send it something, and they are of this build or the one before.
  const message = event.data as ToWorker
  switch (message.type) {
    case "takeOver":
      return event.waitUntil(self.skipWaiting())
    case "has":
      return event.ports[0]?.postMessage(shell.has(message.url))
    case "keep":
      return event.waitUntil(shell.keep(message.urls))
  }
})

self.addEventListener("push", (event) => event.waitUntil(pushes.pushed(event.data?.text() ?? "")))

self.addEventListener("notificationclick", (event) => {
  event.notification.close()
  // Every notification of this page has it.
  event.waitUntil(pushes.clicked(event.notification.data as NoteData))
})

// No list of types has its name yet.
self.addEventListener(
  "pushsubscriptionchange" as "activate",
  (event: SubscriptionChange) => event.waitUntil(pushes.changed(event.oldSubscription?.options))
)
