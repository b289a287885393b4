/** What this app keeps in its messages, for its server and its page. */
import { Schema } from "effect"

const Button = Schema.Struct({ id: Schema.String, label: Schema.String })

/** A question of the bot, with what can be answered. */
export const Question = Schema.Struct({ buttons: Schema.Array(Button) })

/** What somebody has clicked; their message is a reply to the question. */
export const Pressed = Schema.Struct({ pressed: Schema.String })

export const Card = Schema.Union([Question, Pressed])
export type Card = typeof Card.Type

export const bot = "waiter"
