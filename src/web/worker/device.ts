/**
 * What the service worker has to know of the user while no page is open: whose messages the browser is told of, and what a
 * notification shows. The page writes it; both have the Cache API and no other store that is as simple.
 */
import type { NoteWords, Shown } from "../text/note.ts"

export interface Device {
  readonly user: string
  readonly show: Shown
  readonly sound: boolean
  readonly words: Omit<NoteWords, "inGroup">
  /** With `{sender}` and `{group}` in it. */
  readonly inGroup: string
}

/** Of this place only: there may be another page under another path. */
const cacheName = (scope: string): string => `switchboard device ${new URL(scope).pathname}`

const address = (scope: string): string => new URL("device", scope).href

export const writeDevice = async (scope: string, device: Device): Promise<void> => {
  const cache = await caches.open(cacheName(scope))
  await cache.put(address(scope), new Response(JSON.stringify(device)))
}

export const forgetDevice = async (scope: string): Promise<void> => void await caches.delete(cacheName(scope))

export const readDevice = async (scope: string): Promise<Device | undefined> => {
  const cache = await caches.open(cacheName(scope))
  const kept = await cache.match(address(scope))
  // Written by `writeDevice` and by nobody else.
  return kept === undefined ? undefined : await kept.json() as Device
}

export const wordsOf = ({ inGroup, words }: Device): NoteWords => ({
  ...words,
  // Names may have a dollar in them, which `replace` would read.
  inGroup: (sender, group) => inGroup.replace("{sender}", () => sender).replace("{group}", () => group)
})
