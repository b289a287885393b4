/** The client with promises and callbacks: alice talks to bob. */
import { connect } from "switchboard/client"

export const talk = async (url: string): Promise<ReadonlyArray<string>> => {
  const heard: Array<string> = []
  const alice = connect({ url, credentials: { _tag: "PhoneNumber", user: "alice" }, device: "laptop" })
  const bob = connect({ url, credentials: { _tag: "PhoneNumber", user: "bob" }, device: "phone" })

  const answered = new Promise<void>((resolve) => {
    bob.onEvent((event) => {
      if (event.type !== "incoming_message") return
      heard.push(`${event.sender}: ${event.text}`)
      resolve(bob.react({ conversation: event.conversation }, event.seq, "👍").then(() => {}))
    })
  })

  const { conversation, seq } = await alice.send({ recipient: "bob" }, "hello")
  heard.push(`accepted as #${seq} of ${conversation}`)

  const { hits } = await alice.search({ query: "hel", target: { recipient: "bob" } })
  for (const { ranges, text } of hits) heard.push(`found ${text} by its first ${ranges[0]?.[1]} characters`)

  await answered
  await Promise.all([alice.close(), bob.close()])
  return heard
}
