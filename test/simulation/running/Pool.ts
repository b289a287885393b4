/** Worker processes that simulate plans. A plan that hangs or kills its process is an answer, too. */
import { type ChildProcess, fork } from "node:child_process"
import { availableParallelism } from "node:os"
import type { Job, Ran, Violation } from "./jobs.ts"

export interface PoolOptions {
  /** As many as there are cores by default. */
  readonly workers?: number
  /** The fault that is planted in all of them. */
  readonly plant?: string | undefined
  /** Real time that a plan may take. */
  readonly seconds?: number
}

/** A run that came to no end: only what is wrong with it is known. */
export interface Lost {
  readonly violations: ReadonlyArray<Violation>
}

export type Answer = Ran | Lost

export const isRan = (answer: Answer): answer is Ran => "digest" in answer

const lost = (what: string): Lost => ({ violations: [{ promise: "P9", law: "a run comes to its end", what }] })

const program = new URL("./worker.ts", import.meta.url)
/** A process is replaced after so many runs: of a server that has crashed nothing is ever given back. */
const runsEach = 500

/** So much of what a process said before it died is told. */
const toldLength = 2_000

interface Waiting {
  readonly job: Job
  readonly done: (answer: Answer) => void
}

export class Pool {
  readonly size: number
  readonly #plant: string | undefined
  readonly #millis: number
  readonly #queue: Array<Waiting> = []
  readonly #idle: Array<Worker> = []
  readonly #all = new Set<Worker>()
  #isClosed = false

  constructor({ plant, seconds = 120, workers = availableParallelism() }: PoolOptions = {}) {
    this.size = workers
    this.#plant = plant
    this.#millis = seconds * 1_000
  }

  run(job: Job): Promise<Answer> {
    return new Promise((done) => {
      this.#queue.push({ job, done })
      this.#next()
    })
  }

  /** The same, where the run is sure to come to its end. */
  async ran(job: Job): Promise<Ran> {
    const answer = await this.run(job)
    if (isRan(answer)) return answer
    throw new Error(answer.violations.map(({ what }) => what).join("\n"))
  }

  /** Whatever runs is given up. */
  close(): void {
    this.#isClosed = true
    this.#queue.length = 0
    for (const worker of this.#all) worker.end()
  }

  #next(): void {
    if (this.#isClosed || this.#queue.length === 0) return
    let worker = this.#idle.pop()
    if (worker === undefined) {
      if (this.#all.size >= this.size) return
      worker = new Worker(this.#plant, this.#millis)
      this.#all.add(worker)
    }
    const { done, job } = this.#queue.shift()!
    void this.#give(worker, job, done)
  }

  async #give(worker: Worker, job: Job, done: (answer: Answer) => void): Promise<void> {
    const answer = await worker.run(job)
    if (worker.runs >= runsEach) worker.end()
    if (worker.isOver) this.#all.delete(worker)
    else this.#idle.push(worker)
    done(answer)
    this.#next()
  }
}

class Worker {
  readonly #process: ChildProcess
  readonly #ready: Promise<void>
  readonly #millis: number
  #errors = ""
  #answer: ((answer: Answer) => void) | undefined
  isOver = false
  runs = 0

  constructor(plant: string | undefined, millis: number) {
    this.#millis = millis
    this.#process = fork(program, plant === undefined ? [] : [plant], {
      execArgv: ["--conditions=switchboard-source"],
      stdio: ["ignore", "inherit", "pipe", "ipc"]
    })
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-toldLength)
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ready = promise
    this.#process.on("message", (message: Ran | { readonly broke: string } | "ready") => {
      if (message === "ready") return resolve()
      this.#settle("broke" in message ? lost(message.broke) : message)
    })
    this.#process.on("close", (code, signal) => {
      this.isOver = true
      resolve()
      this.#settle(lost(`The process ended (${signal ?? code}): ${this.#errors.trim()}`))
    })
  }

  async run(job: Job): Promise<Answer> {
    this.runs++
    // A process that reads in the source is not slow.
    await this.#ready
    if (this.isOver) return lost(`The process did not start: ${this.#errors.trim()}`)
    const { promise, resolve } = Promise.withResolvers<Answer>()
    this.#answer = resolve
    const timer = setTimeout(() => {
      this.end()
      this.#settle(lost(`It did not end within ${this.#millis / 1_000} seconds of real time.`))
    }, this.#millis)
    this.#process.send(job)
    const answer = await promise
    clearTimeout(timer)
    return answer
  }

  end(): void {
    this.isOver = true
    this.#process.kill("SIGKILL")
  }

  #settle(answer: Answer): void {
    const settle = this.#answer
    this.#answer = undefined
    settle?.(answer)
  }
}
