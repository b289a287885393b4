/** Makes message and session ids: sortable by time on one node, unique across nodes and restarts. */
import { Clock, Context, Effect, Layer, Random } from "effect"
import type { MessageId, SessionId } from "../../domain/Ids.ts"

const base36 = (n: number, width: number): string => n.toString(36).padStart(width, "0")

export class IdGenerator extends Context.Service<IdGenerator, {
  /** 9 characters of milliseconds, 4 of a counter, 12 of this node. */
  messageId(atMillis: number): MessageId
  sessionId(): SessionId
}>()("switchboard/services/kernel/IdGenerator") {
  static readonly layer = Layer.effect(
    IdGenerator,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const half = Random.nextIntBetween(0, 36 ** 6)
      // Drawn once: 62 bits keep two nodes, or two runs of one, apart.
      const node = base36(yield* half, 6) + base36(yield* half, 6)
      let prefix = ""
      let lastMillis = -1
      let counter = 0

      const messageId = (atMillis: number): MessageId => {
        // Only forward: a clock that steps back, or 36^4 ids in one millisecond, must not repeat an id.
        if (atMillis > lastMillis || counter === 36 ** 4) {
          lastMillis = Math.max(atMillis, lastMillis + 1)
          counter = 0
          prefix = base36(lastMillis, 9)
        }
        return `${prefix}${base36(counter++, 4)}${node}` as MessageId
      }

      return IdGenerator.of({
        messageId,
        sessionId: () => `s${messageId(clock.currentTimeMillisUnsafe())}` as string as SessionId
      })
    })
  )
}
