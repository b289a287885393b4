/** Whoever is told over webhooks: remembers what it took, and is as bad a listener as there may be. */
import { Effect, Layer } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import type { Chance } from "../world/Chance.ts"
import type { Machine } from "../world/Machine.ts"

/** Of a thousand tries. */
export interface ReceiverFaults {
  /** Answered with 500. */
  readonly failing: number
  /** Never answered, taken or not. */
  readonly silent: number
}

export interface Told {
  readonly conversation: string
  readonly seq: number
  readonly text: string
}

const latencyMillis = 20

export class SimReceiver {
  /** What it has answered with 200, in order, repetitions and all. */
  readonly took: Array<Told> = []
  #faults: ReceiverFaults
  readonly #chance: Chance
  readonly #struck: (what: string) => void

  constructor(faults: ReceiverFaults, chance: Chance, struck: (what: string) => void) {
    this.#faults = faults
    this.#chance = chance
    this.#struck = struck
  }

  /** It takes everything from now on. */
  makePeace(): void {
    this.#faults = { failing: 0, silent: 0 }
  }

  /** As a server reaches it. */
  clientFor(machine: Machine): Layer.Layer<HttpClient.HttpClient> {
    return Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.callback<HttpClientResponse.HttpClientResponse>((resume) => {
          const { body } = request
          const said = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""
          machine.postAfter(latencyMillis, () => {
            const status = this.#answer(said)
            if (status === undefined) return
            resume(Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status }))))
          })
        })
      )
    )
  }

  #answer(body: string): number | undefined {
    const drawn = this.#chance.below(1_000)
    const { failing, silent } = this.#faults
    if (drawn < failing) {
      this.#struck("receiver fails")
      return 500
    }
    if (drawn < failing + silent) {
      this.#struck("receiver never answers")
      return undefined
    }
    const { data } = JSON.parse(body) as { readonly data: Told }
    this.took.push({ conversation: data.conversation, seq: data.seq, text: data.text })
    return 200
  }
}
