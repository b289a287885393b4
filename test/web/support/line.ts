/** The line between page and server, which a test can hold, cut, end and listen to. */
import type { Page, WebSocketRoute } from "playwright-core"

interface Frame {
  readonly type: string
  readonly users?: ReadonlyArray<string>
}

export const lineOf = async (page: Page) => {
  let open: WebSocketRoute | undefined
  let held = false
  let said: Array<Frame> = []
  let opened = 0
  await page.routeWebSocket(/\/ws/, (line) => {
    if (held) return void line.close({ code: 1013, reason: "held by the test" })
    open = line
    opened++
    said = []
    const server = line.connectToServer()
    line.onMessage((data) => {
      said.push(JSON.parse(String(data)) as Frame)
      server.send(data)
    })
  })
  return {
    /** From here on nobody comes through. */
    hold: () => void (held = true),
    release: () => void (held = false),
    /** To the page. */
    say: (frame: object) => open?.send(JSON.stringify(frame)),
    end: (code: number, reason = "") => open?.close({ code, reason }),
    /** How often the page has come through. */
    opened: () => opened,
    /** What the page says on its newest connection, by type. */
    said: (type: string) => said.filter((frame) => frame.type === type)
  }
}

export type Line = Awaited<ReturnType<typeof lineOf>>
