/** How users appear in what operators read: log lines and traces. */
import { Context } from "effect"
import { createHmac, randomBytes } from "node:crypto"

/** As they are, unless the app wants otherwise. */
export const UserNames = Context.Reference<(user: string) => string>("switchboard/services/access/UserNames", {
  defaultValue: () => (user) => user
})

/** The same user has the same mark for as long as this process lives; nobody can count up phone numbers to find it. */
export const redacting = (): (user: string) => string => {
  const key = randomBytes(32)
  return (user) => `user-${createHmac("sha256", key).update(user).digest("hex").slice(0, 12)}`
}
