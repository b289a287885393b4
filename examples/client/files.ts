/** A picture for bob: brought to the server first, then said. */
import { connect, fileAt } from "switchboard/client/node"

export const sendPicture = async (url: string, path: string, show: (line: string) => void, signal: AbortSignal) => {
  const alice = connect({ url, credentials: { _tag: "PhoneNumber", user: "alice" } })
  const file = await alice.upload(fileAt(path), {
    onProgress: ({ sent, total }) => show(`${sent} of ${total} bytes`),
    signal
  })
  await alice.send({ recipient: "bob" }, "look", { attachments: [{ ...file, width: 1280, height: 720 }] })
  await alice.close()
}
