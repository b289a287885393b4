/** A client that asks and waits for the answer. */
import { Client, frame } from "./Client.ts"

export interface Answer {
  readonly type: string
  readonly id?: string
  readonly [field: string]: unknown
}

export class Asking {
  readonly #client: Client
  #answered: (answer: Answer) => void = () => {}

  private constructor(port: number, user: string) {
    const onText = (_: Client, payload: Buffer) => {
      const answer = JSON.parse(payload.toString()) as Answer
      if (answer.id === "asked") this.#answered(answer)
    }
    this.#client = new Client({ port, user, dialect: "v1", onText })
  }

  static async open(port: number, user: string): Promise<Asking> {
    const asking = new Asking(port, user)
    await asking.#client.ready()
    return asking
  }

  /** Milliseconds until an answer of this type. */
  async millis(question: object, type: string): Promise<number> {
    const from = performance.now()
    const answer = await new Promise<Answer>((resolve) => {
      this.#answered = resolve
      this.#client.socket.write(frame(JSON.stringify({ ...question, id: "asked" })))
    })
    if (answer.type !== type) throw new Error(`The answer was ${JSON.stringify(answer)}`)
    return performance.now() - from
  }

  close(): void {
    this.#client.close()
  }
}
