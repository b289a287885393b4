/** The page: what is said, and under a question its buttons. A click is a message, whose `data` says what was clicked. */
import { connect } from "switchboard/client"
import { bot, Card } from "./cards.ts"

const user = new URLSearchParams(location.search).get("user") ?? "guest"

/** A ticket for each attempt; a page has no headers. */
const ticket = async (): Promise<string> => {
  const response = await fetch("/v1/tickets", {
    method: "POST",
    headers: { "Phone-Number": user, "content-type": "application/json" },
    body: "{}"
  })
  if (!response.ok) throw new Error(`No ticket: ${response.status}`)
  return (await response.json() as { readonly ticket: string }).ticket
}

const chat = connect({
  url: `${location.origin.replace("http", "ws")}/ws`,
  credentials: { _tag: "Ticket", ticket },
  data: Card
})

const to = { recipient: bot }
const log = document.querySelector("#log")!

interface Said {
  readonly sender: string
  readonly seq: number
  readonly text?: string
  readonly data?: object
}

const buttonsOf = (card: Card | undefined, replyTo: number): ReadonlyArray<HTMLButtonElement> => {
  if (card === undefined || !("buttons" in card)) return []
  return card.buttons.map(({ id, label }) => {
    const button = document.createElement("button")
    button.textContent = label
    button.addEventListener("click", () => {
      void chat.send(to, label, { replyTo, data: { pressed: id } })
    })
    return button
  })
}

const shown = new Set<number>()

const show = (said: Said): void => {
  if (shown.has(said.seq)) return
  shown.add(said.seq)
  const line = document.createElement("li")
  line.append(`${said.sender}: ${said.text ?? ""} `, ...buttonsOf(chat.dataOf(said), said.seq))
  log.append(line)
}

chat.onEvent((event) => {
  if (event.type === "incoming_message") show(event)
  if (event.type === "accepted" && event.pushed.type === "incoming_message") show(event.pushed)
})

const form = document.querySelector("form")!
form.addEventListener("submit", (event) => {
  event.preventDefault()
  void chat.send(to, String(new FormData(form).get("text")))
  form.reset()
})
