/** A log of as many texts as are asked for: in conversations of a hundred, one in ten of them the asker's. */
import { Effect } from "effect"
import * as Conversation from "../../src/domain/Conversation.ts"
import { ClientId, type MessageId, UserId } from "../../src/domain/Ids.ts"
import { type Append, MessageStore } from "../../src/services/storage/MessageStore.ts"
import { Search } from "../../src/services/storage/Search.ts"
import { numbersFrom, textFrom } from "../load/words.ts"

export const asker = UserId.make("asker")

/** Also of a log in memory, so that a question can be taken out of what was said. */
export const texts = (count: number): ReadonlyArray<string> => {
  const random = numbersFrom(1)
  return Array.from({ length: count }, () => textFrom(random))
}

export const conversationOf = (number: number) =>
  number % 10 === 0
    ? Conversation.direct(asker, UserId.make(`friend${number}`))
    : Conversation.direct(UserId.make(`a${number}`), UserId.make(`b${number}`))

const batch = 1_024
/** Somebody says something every so many milliseconds. */
export const pauseMillis = 20
const began = Date.UTC(2026, 0, 1)

/** Writes them as the server does, in large commits, and waits until the index has them all. */
export const write = Effect.fnUntraced(function*(all: ReadonlyArray<string>) {
  const store = yield* MessageStore
  const search = yield* Search
  const random = numbersFrom(2)
  const conversations = Math.max(10, all.length / 100)
  for (let from = 0; from < all.length; from += batch) {
    const appends = all.slice(from, from + batch).map((text, i): Append => {
      const conversation = conversationOf(Math.floor(random() * conversations))
      const users = Conversation.usersOf(conversation)
      return {
        kind: "text",
        conversation,
        sender: users[Math.floor(random() * users.length)]!,
        clientId: ClientId.make(`c${from + i}`),
        messageId: `m${from + i}` as MessageId,
        at: began + (from + i) * pauseMillis,
        text,
        replyTo: undefined
      }
    })
    yield* store.commit(appends, [])
    if (from % (batch * 16) === 0) { while ((yield* search.fill) > 0); }
  }
  while ((yield* search.fill) > 0);
})
