/** How a page gets in: a ticket for each attempt, and an outbox that survives a reload. */
import { connect, localStorageOutbox, type SimpleClient } from "switchboard/client"

export const enter = (origin: string, user: string, device: string): SimpleClient =>
  connect({
    url: `${origin.replace("http", "ws")}/ws`,
    device,
    outbox: localStorageOutbox(`outbox:${user}:${device}`),
    credentials: {
      _tag: "Ticket",
      ticket: async () => {
        const response = await fetch(`${origin}/v1/tickets`, {
          method: "POST",
          headers: { "Phone-Number": user, "content-type": "application/json" },
          body: JSON.stringify({ device })
        })
        if (response.ok) return (await response.json() as { ticket: string }).ticket
        // 401 and 403 will not change by themselves; everything else may.
        throw Object.assign(new Error(`No ticket: ${response.status}`), {
          permanent: [401, 403].includes(response.status)
        })
      }
    }
  })
