/** Whether somebody is asked, once, if this browser shall tell them of messages. */
import type { ChoicesStore } from "./choices.ts"
import { askPermission, type Permission } from "./desk.ts"

export const makeQuestion = (choices: ChoicesStore, permission: () => Permission, onChange: () => void) => {
  let open = false
  const end = () => {
    open = false
    onChange()
  }
  return {
    get isOpen(): boolean {
      return open
    },
    /** A message came that nobody looked at. */
    raise: () => {
      const { asked, desktop } = choices.now
      if (open || asked || desktop || permission() !== "default") return
      open = true
      onChange()
    },
    /** From a click: asks the browser, and remembers the answer. */
    yes: async () => {
      end()
      const given = await askPermission()
      choices.change({ asked: true, desktop: given === "granted" })
    },
    no: () => {
      end()
      choices.change({ asked: true })
    }
  }
}
