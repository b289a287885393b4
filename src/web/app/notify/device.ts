/** The choices of this browser, the same in all of its tabs. */
import { choicesKey, makeChoices } from "./choices.ts"

export const choices = makeChoices(() => localStorage)

addEventListener("storage", (event) => event.key === choicesKey && choices.again())
