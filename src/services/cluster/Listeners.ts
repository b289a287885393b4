/** Who hears of what other servers say. */
import type { UserId } from "../../domain/Ids.ts"
import type { StoredProfile } from "../storage/UserData.ts"
import type { Gone } from "./Cluster.ts"
import type { Note } from "./Note.ts"

/** What is told to several. */
class Listeners<Args extends ReadonlyArray<unknown>> {
  readonly #listeners: Array<(...args: Args) => void> = []
  readonly add = (listener: (...args: Args) => void) => void this.#listeners.push(listener)
  readonly tell = (...args: Args) => this.#listeners.forEach((listener) => listener(...args))
}

export const makeListeners = () => ({
  notes: new Listeners<[Note]>(),
  missed: new Listeners<[]>(),
  attendances: new Listeners<[UserId, Gone]>(),
  floods: new Listeners<[UserId]>(),
  profiles: new Listeners<[StoredProfile]>()
})
