/** Web Push, from the command line. */
import { Effect, Layer } from "effect"
import { PushSettings } from "../services/push/Push.ts"
import { userError } from "./errors.ts"
import * as flags from "./flags.ts"

export const pushFlags = {
  pushContact: flags.text(
    "push-contact",
    "",
    "Turns Web Push on: whom push services may write to, as mailto:you@example.com or https://…; without it there is none"
  )
}

const isContact = (contact: string): boolean =>
  URL.canParse(contact) && (/^mailto:[^@\s]+@[^@\s]+$/.test(contact) || contact.startsWith("https://"))

/** Nothing without `--push-contact`. */
export const pushOf = Effect.fnUntraced(function*({ pushContact }: flags.Input<typeof pushFlags>) {
  const contact = pushContact.trim()
  if (contact === "") return Layer.empty
  if (!isContact(contact)) {
    return yield* userError("--push-contact is no address; give one such as mailto:you@example.com.")
  }
  return Layer.succeed(PushSettings, { contact })
})
