/** Who people are: asked for those that are to be seen and unknown, looked for in the directory, and one's own profile. */
import type { OwnProfile, SimpleClient } from "../../client/index.ts"
import { lookUp } from "../state/lookUp.ts"
import type { Store } from "../state/store.ts"
import { makeDirectory } from "./directory.ts"
import type { Notices } from "./notices.ts"
import { squarePicture } from "./squarePicture.ts"

/** The protocol allows 100. */
const maxAsked = 100
/** What is asked for within so many milliseconds is asked for together. */
const gatherMillis = 60
/** Whoever had no profile may have one later. */
const againMillis = 300_000
/** So many are remembered as asked for. */
const maxRemembered = 5_000

export const makePeople = (client: SimpleClient, store: Store, { attempt }: Notices) => {
  const { dispatch } = store
  const asked = new Map<string, number>()
  const wanted = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  /** A server that cannot tell shows ids, and nobody is bothered with that. */
  const ask = (users: ReadonlyArray<string>): Promise<void> =>
    client.profiles(users).then((list) => dispatch({ type: "people", list }), () => {})

  const gather = () => {
    timer = undefined
    if (!store.isReady()) return wanted.clear()
    const now = Date.now()
    const users = Array.from(wanted).slice(0, maxAsked)
    for (const user of users) {
      wanted.delete(user)
      asked.set(user, now)
    }
    if (asked.size > maxRemembered) asked.clear()
    if (users.length > 0) void ask(users)
    if (wanted.size > 0) soon()
  }
  const soon = () => {
    timer ??= setTimeout(gather, gatherMillis)
  }
  const want = (user: string) => {
    if (user.startsWith("@") || wanted.has(user) || Date.now() - (asked.get(user) ?? -Infinity) < againMillis) return
    wanted.add(user)
    soon()
  }

  const setProfile = async (profile: OwnProfile): Promise<boolean> => {
    const answer = await attempt(client.setProfile(profile))
    if (answer !== undefined) dispatch({ type: "people", list: { profiles: [answer] } })
    return answer !== undefined
  }
  /** A picture as it is shown: square, small, and at the server. */
  const uploadPicture = async (file: Blob): Promise<string | undefined> => {
    const picture = await attempt(squarePicture(file))
    if (picture === undefined) return undefined
    const name = picture.type === "image/webp" ? "picture.webp" : "picture.jpg"
    return (await attempt(client.upload(picture, { name })))?.file
  }

  return {
    ...makeDirectory(client, store),
    /** Somebody is shown of whom nothing is known. */
    wantPerson: (user: string) => {
      const known = lookUp(store.state.people, user)
      if (known === undefined || known.recalled === true) want(user)
    },
    /** Their picture cannot be had, as its path may have ended. */
    renewPerson: want,
    /** All of it, now, as where a profile is opened. */
    loadPerson: (user: string) => {
      if (store.isReady()) void ask([user])
    },
    loadPeople: (users: ReadonlyArray<string>) => {
      if (store.isReady() && users.length > 0) void ask(users.slice(0, maxAsked))
    },
    setProfile,
    setOwnPicture: async (file: Blob): Promise<boolean> => {
      const avatar = await uploadPicture(file)
      return avatar !== undefined && setProfile({ avatar })
    },
    uploadPicture,
    stopPeople: () => clearTimeout(timer)
  }
}
