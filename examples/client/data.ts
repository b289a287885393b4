/** An app's own data in messages, with its Schema: a question with buttons, and who is asked. */
import { Schema } from "effect"
import { connect } from "switchboard/client"

const Poll = Schema.Struct({ buttons: Schema.Array(Schema.String) })

/** Asks in the group, and shows the buttons of what is asked there; returns the way to leave. */
export const ask = async (url: string, group: string, show: (buttons: ReadonlyArray<string>) => void) => {
  const credentials = { _tag: "PhoneNumber", user: "alice" } as const
  const chat = connect({ url, credentials, data: Poll })
  await chat.send({ group }, "Lunch?", { data: { buttons: ["yes", "no"] }, mentions: ["bob"] })
  chat.onEvent((event) => show(chat.dataOf(event)?.buttons ?? []))
  return chat.close
}
