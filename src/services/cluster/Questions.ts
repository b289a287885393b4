/**
 * What this server asks all others over the bus, and who has answered by when. Nothing of it is certain: a bus may lose a
 * question or its answer, so whoever asks is told who was not heard.
 */
import { Effect } from "effect"
import type { Answer, Question } from "./connectionList.ts"
import type { NodeId } from "./Roster.ts"
import type { Answered, Asked, Message } from "./Wire.ts"

/** How long others are waited for, in milliseconds. */
const waitMillis = 2_000
/** Questions that may be open. Overflow policy: nobody is asked. */
const maxOpen = 256

export interface Answers {
  readonly answers: ReadonlyArray<Answer>
  /** Other servers that did not answer in time. */
  readonly missing: ReadonlyArray<NodeId>
}

interface Open {
  readonly left: Set<NodeId>
  readonly answers: Array<Answer>
  readonly done: () => void
}

export interface QuestionsOptions {
  readonly node: NodeId
  readonly publish: (message: Message) => void
  readonly others: () => ReadonlyArray<NodeId>
  readonly isHealthy: Effect.Effect<boolean>
}

export class Questions {
  readonly #options: QuestionsOptions
  readonly #open = new Map<number, Open>()
  #number = 0
  /** What this server itself knows. */
  answer: ((question: Question) => Effect.Effect<Answer>) | undefined

  constructor(options: QuestionsOptions) {
    this.#options = options
  }

  readonly ask = (question: Question): Effect.Effect<Answers> =>
    Effect.flatMap(this.#options.isHealthy, (isHealthy) => {
      const others = this.#options.others()
      if (!isHealthy || others.length === 0 || this.#open.size >= maxOpen) {
        return Effect.succeed({ answers: [], missing: others })
      }
      return this.#askAll(question, others)
    })

  #askAll(question: Question, others: ReadonlyArray<NodeId>): Effect.Effect<Answers> {
    return Effect.suspend(() => {
      const number = ++this.#number
      const left = new Set(others)
      const answers: Array<Answer> = []
      const all = Effect.callback<void>((resume) => {
        this.#open.set(number, { left, answers, done: () => resume(Effect.void) })
        this.#options.publish({ _: "asked", node: this.#options.node, number, question })
      })
      return all.pipe(
        Effect.timeoutOption(waitMillis),
        Effect.ensuring(Effect.sync(() => this.#open.delete(number))),
        Effect.map(() => ({ answers, missing: Array.from(left) }))
      )
    })
  }

  /** Another server asks. */
  readonly asked = ({ node, number, question }: Asked): Effect.Effect<void> =>
    this.answer === undefined ? Effect.void : Effect.map(
      this.answer(question),
      (answer) => this.#options.publish({ _: "answered", node: this.#options.node, to: node, number, answer })
    )

  heard({ answer, node, number, to }: Answered): void {
    const open = to === this.#options.node ? this.#open.get(number) : undefined
    if (open === undefined || !open.left.delete(node)) return
    open.answers.push(answer)
    if (open.left.size === 0) open.done()
  }
}
