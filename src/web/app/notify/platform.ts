/** What of the browser the page tells of messages with. */
import { words } from "../../words/index.ts"
import { forgetDevice, writeDevice } from "../../worker/device.ts"
import { makeId } from "../makeId.ts"
import { choices } from "./device.ts"
import { makeTabs } from "./tabs.ts"
import { worker } from "./worker.ts"

/** Pages under other paths are other chats. */
const placeHere = (): string => new URL("./", document.baseURI).pathname

/** All tabs of one user here. */
export const tabsOf = (user: string, onOut: () => void) =>
  makeTabs({
    name: `switchboard ${placeHere()} ${user}`,
    tab: makeId(),
    locks: (navigator as Partial<Navigator>).locks,
    channel: typeof BroadcastChannel === "undefined" ? undefined : (name) => new BroadcastChannel(name),
    onOut
  })

/** What the service worker shows while no page is open. */
export const tellWorker = async (user: string | undefined): Promise<void> => {
  const scope = worker.active()?.scope
  if (scope === undefined) return
  if (user === undefined) return forgetDevice(scope)
  const { inGroup, mentionsYou, newMessage } = words.notifications
  const { show, sound } = choices.now
  await writeDevice(scope, {
    user,
    show,
    sound,
    words: { mentionsYou, newMessage },
    inGroup: inGroup("{sender}", "{group}")
  })
}
