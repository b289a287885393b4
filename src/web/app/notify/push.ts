/** Web Push: the browser's subscription, the server's knowledge of it, and whose it is. */
import type { PushSubscriptionFields, SimpleClient } from "../../../client/index.ts"
import type { Choices, ChoicesStore } from "./choices.ts"
import { askPermission } from "./desk.ts"

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> => {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/")
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

const isFor = ({ options: { applicationServerKey } }: PushSubscription, key: Uint8Array): boolean => {
  // Some browsers do not tell it; then it is taken for the right one.
  if (applicationServerKey === null) return true
  const own = new Uint8Array(applicationServerKey)
  return own.length === key.length && own.every((byte, i) => byte === key[i])
}

const fieldsOf = (subscription: PushSubscription): PushSubscriptionFields | undefined => {
  const { endpoint, keys } = subscription.toJSON()
  const { auth, p256dh } = keys ?? {}
  return endpoint === undefined || auth === undefined || p256dh === undefined
    ? undefined
    : { endpoint, keys: { auth, p256dh } }
}

interface Options {
  readonly user: string
  readonly client: Pick<SimpleClient, "pushSubscribe" | "pushUnsubscribe">
  readonly choices: Pick<ChoicesStore, "change"> & { readonly now: Choices }
  /** Where the service worker is active. */
  readonly registration: () => Promise<ServiceWorkerRegistration>
  /** Tells the service worker whose messages it is told of; nobody's without one. */
  readonly tell: (user: string | undefined) => Promise<void>
}

export const makePush = ({ choices, client, registration, tell, user }: Options) => {
  const manager = async (): Promise<PushManager> => (await registration()).pushManager

  const end = async (subscription: PushSubscription): Promise<void> => {
    // Also where this fails the server takes it from its list when the push service does not know it any more.
    await subscription.unsubscribe().catch(() => false)
    await client.pushUnsubscribe(subscription.endpoint).catch(() => {})
  }

  /** The browser's one subscription, for the server's present key. */
  const subscription = async (): Promise<PushSubscription> => {
    const { public_key } = await client.pushSubscribe()
    const key = bytesOf(public_key)
    const pushManager = await manager()
    const known = await pushManager.getSubscription()
    const isOwn = choices.now.push === undefined || choices.now.push === user
    if (known !== null && isOwn && isFor(known, key)) return known
    // Of another key, or of another user, who is told nothing from here on.
    if (known !== null) await end(known)
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  }

  const settle = async (): Promise<void> => {
    const fields = fieldsOf(await subscription())
    if (fields === undefined) throw new Error("The browser's subscription has no keys.")
    await client.pushSubscribe(fields)
    choices.change({ push: user })
    await tell(user)
  }

  const off = async (): Promise<void> => {
    if (choices.now.push !== user) return
    choices.change({ push: undefined })
    await tell(undefined)
    const known = await (await manager()).getSubscription()
    if (known !== null) await end(known)
  }

  /** One after the other: a switch may be pressed twice, and a connection come meanwhile. */
  let last: Promise<void> = Promise.resolve()
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const next = last.then(act)
    last = next.catch(() => {})
    return next
  }

  return {
    /** From a click. Rejects with what went wrong. */
    on: () =>
      inTurn(async () => {
        if (await askPermission() === "granted") await settle()
      }),
    off: () => inTurn(off),
    /** The server hears again that this browser is this user's, whatever either of them has forgotten. */
    confirm: () => inTurn(async () => choices.now.push === user ? settle() : undefined)
  }
}

export type Push = ReturnType<typeof makePush>
