/**
 * The tabs of one user in one browser: one of them speaks for all, and each knows what the others show. Without locks or
 * channels, as in an old browser, each tab is by itself.
 */

/** What a tab shows. */
export interface Look {
  readonly visible: boolean
  readonly open: string | undefined
  /** Somebody is writing there. */
  readonly typing: boolean
}

type Said =
  | { readonly type: "who" }
  | { readonly type: "look"; readonly tab: string; readonly look: Look }
  | { readonly type: "gone"; readonly tab: string }
  /** The user has signed out. */
  | { readonly type: "out" }

export interface Locks {
  readonly request: (
    name: string,
    options: { readonly signal: AbortSignal },
    held: () => Promise<void>
  ) => Promise<unknown>
  readonly query: () => Promise<{ readonly held?: ReadonlyArray<{ readonly name?: string }> }>
}

export interface Channel {
  readonly addEventListener: (type: "message", listener: (event: { readonly data: unknown }) => void) => void
  readonly postMessage: (message: unknown) => void
  readonly close: () => void
}

interface Options {
  /** Names the user, and where the page is. */
  readonly name: string
  /** Nobody else's. */
  readonly tab: string
  readonly locks: Locks | undefined
  readonly channel: ((name: string) => Channel) | undefined
  /** Another tab has signed out. */
  readonly onOut: () => void
}

export const makeTabs = ({ channel: open, locks, name, onOut, tab }: Options) => {
  const stopping = new AbortController()
  const others = new Map<string, Look>()
  const channel = open?.(name)
  let own: Look = { visible: false, open: undefined, typing: false }
  let speaks = locks === undefined
  // A channel has no other origin to send it to.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  const say = (said: Said) => channel?.postMessage(said)
  const show = () => say({ type: "look", tab, look: own })

  if (channel !== undefined) {
    channel.addEventListener("message", ({ data }) => {
      // Tabs of another version speak here, too.
      const said = data as Said
      if (said.type === "who") show()
      else if (said.type === "look") others.set(said.tab, said.look)
      else if (said.type === "gone") others.delete(said.tab)
      else if (said.type === "out") onOut()
    })
    say({ type: "who" })
    show()
  }

  /** Until this tab is left or gone; the browser lets go of it in either case. */
  const hold = (lock: string, held: () => void = () => {}) =>
    void locks?.request(lock, { signal: stopping.signal }, () => {
      held()
      return new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()))
    }).catch(() => {})
  const nameOf = (tab: string) => `${name} tab ${tab}`
  hold(nameOf(tab))
  hold(`${name} speaker`, () => {
    speaks = true
  })

  return {
    speaks: () => speaks && !stopping.signal.aborted,
    look: (look: Look) => {
      if (look.visible === own.visible && look.open === own.open && look.typing === own.typing) return
      own = look
      show()
    },
    /** What is shown now, here and in the other tabs; of one that crashed nothing. */
    looks: async (): Promise<ReadonlyArray<Look>> => {
      const held = await locks?.query().then(({ held }) => new Set(held?.map(({ name }) => name)), () => undefined)
      if (held !== undefined) {
        for (const other of others.keys()) if (!held.has(nameOf(other))) others.delete(other)
      }
      return [own, ...others.values()]
    },
    out: () => say({ type: "out" }),
    stop: () => {
      say({ type: "gone", tab })
      stopping.abort()
      channel?.close()
    }
  }
}

export type Tabs = ReturnType<typeof makeTabs>
