/** One tab speaks for all of a user, whichever of them go. */
import { assert, describe, it } from "@effect/vitest"
import { type Channel, type Locks, makeTabs } from "../../../src/web/app/notify/tabs.ts"

/** A browser: who asks for a lock waits for those before; who is gone holds nothing. */
const browser = () => {
  const queues = new Map<string, Array<{ readonly owner: string; readonly begin: () => void }>>()
  const channels = new Map<string, Set<(event: { readonly data: unknown }) => void>>()
  const crashed = new Set<string>()
  const next = (name: string) => queues.get(name)?.[0]?.begin()
  const release = (name: string, owner: string) => {
    queues.set(name, (queues.get(name) ?? []).filter((each) => each.owner !== owner))
    next(name)
  }
  const locksOf = (owner: string): Locks => ({
    request: (name, { signal }, held) =>
      new Promise<void>((resolve) => {
        let begun = false
        const begin = () => {
          if (begun) return
          begun = true
          void held().then(() => {
            release(name, owner)
            resolve()
          })
        }
        signal.addEventListener("abort", () => release(name, owner))
        queues.set(name, [...queues.get(name) ?? [], { owner, begin }])
        next(name)
      }),
    query: () =>
      Promise.resolve({
        held: Array.from(queues).flatMap(([name, queue]) => queue.length === 0 ? [] : [{ name }])
      })
  })
  const channelOf = (owner: string) => (name: string): Channel => {
    const all = channels.get(name) ?? new Set()
    channels.set(name, all)
    let own: ((event: { readonly data: unknown }) => void) | undefined
    return {
      addEventListener: (_, listener) => {
        own = listener
        all.add(listener)
      },
      postMessage: (data) => {
        if (crashed.has(owner)) return
        for (const listener of all) if (listener !== own) listener({ data })
      },
      close: () => own && all.delete(own)
    }
  }
  return {
    tab: (user: string, tab: string, onOut: () => void = () => {}) =>
      makeTabs({ name: user, tab, locks: locksOf(tab), channel: channelOf(tab), onOut }),
    /** As it ends without a word: the browser takes its locks. */
    crash: (tab: string) => {
      crashed.add(tab)
      for (const name of queues.keys()) release(name, tab)
    }
  }
}

const shows = (open: string) => ({ visible: true, open, typing: false })

describe("the tabs of a user", () => {
  it("speak with one voice, which goes over to the next when a tab is left or crashes", () => {
    const { crash, tab } = browser()
    const [one, two, three] = [tab("alice", "1"), tab("alice", "2"), tab("alice", "3")]
    const speakers = () => [one, two, three].map((each) => each.speaks())
    assert.deepStrictEqual(speakers(), [true, false, false])
    one.stop()
    assert.deepStrictEqual(speakers(), [false, true, false])
    crash("2")
    assert.isTrue(three.speaks())
  })

  it("of two users are two voices, and neither hears what the other shows", async () => {
    const { tab } = browser()
    const [alice, bob] = [tab("alice", "1"), tab("bob", "2")]
    bob.look(shows("dm:bob:carol"))
    assert.deepStrictEqual([alice.speaks(), bob.speaks()], [true, true])
    assert.deepStrictEqual((await alice.looks()).map(({ open }) => open), [undefined])
  })

  it("know what the others show, from before they came too, and nothing of those that are gone", async () => {
    const { crash, tab } = browser()
    const one = tab("alice", "1")
    one.look(shows("dm:alice:bob"))
    const two = tab("alice", "2")
    const three = tab("alice", "3")
    three.look(shows("dm:alice:carol"))
    const opens = async () => (await two.looks()).map(({ open }) => open)
    assert.deepStrictEqual(await opens(), [undefined, "dm:alice:bob", "dm:alice:carol"])
    one.stop()
    crash("3")
    assert.deepStrictEqual(await opens(), [undefined])
  })

  it("hear that one of them signs out", () => {
    const { tab } = browser()
    const out: Array<string> = []
    tab("alice", "1", () => out.push("1"))
    tab("bob", "2", () => out.push("2"))
    tab("alice", "3").out()
    assert.deepStrictEqual(out, ["1"])
  })

  it("without locks and channels are each by themselves", async () => {
    const tab = makeTabs({ name: "alice", tab: "1", locks: undefined, channel: undefined, onOut: () => {} })
    tab.look(shows("dm:alice:bob"))
    assert.isTrue(tab.speaks())
    assert.deepStrictEqual(await tab.looks(), [shows("dm:alice:bob")])
    tab.stop()
    assert.isFalse(tab.speaks())
  })
})
