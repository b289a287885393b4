/**
 * Which device this tab is. The server keeps a place in every conversation for each device, and one connection of a
 * device at a time. So each open tab takes a device that no other tab has, and a new one only when all are taken.
 */
const keyOf = (user: string): string => `switchboard.devices.${user}`

const known = (user: string): ReadonlyArray<string> => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(user)) ?? "[]")
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : []
  } catch {
    return []
  }
}

/** Also where there is no secure context, and so no `randomUUID`. */
export const randomName = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(36).padStart(2, "0")).join("")

/** Holds the lock until `release` is called or the tab is gone; `undefined` when another tab has it. */
const take = (locks: LockManager, name: string): Promise<(() => void) | undefined> =>
  new Promise((resolve) => {
    const held = locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(undefined)
      return new Promise<void>((release) => resolve(release))
    })
    held.catch(() => resolve(undefined))
  })

export interface Device {
  readonly id: string
  readonly release: () => void
}

const perTab = (user: string): Device => {
  const key = keyOf(user)
  const id = sessionStorage.getItem(key) ?? `web-${randomName()}`
  sessionStorage.setItem(key, id)
  return { id, release: () => {} }
}

export const takeDevice = async (user: string): Promise<Device> => {
  // Without a secure context there are no locks; then a device lasts as long as its tab.
  const locks = (navigator as { readonly locks?: LockManager }).locks
  if (locks === undefined) return perTab(user)
  const fresh = `web-${randomName()}`
  for (const id of [...known(user), fresh]) {
    const release = await take(locks, `switchboard ${user} ${id}`)
    if (release === undefined) continue
    if (id === fresh) localStorage.setItem(keyOf(user), JSON.stringify([...known(user), fresh].slice(-8)))
    return { id, release }
  }
  return { id: fresh, release: () => {} }
}
