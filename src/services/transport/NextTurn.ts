/** What is done once in the next turn of the event loop, however often it is asked for until then. */
const run = (it: NextTurn): void => it.run()

export abstract class NextTurn {
  #scheduled = false

  protected abstract turn(): void

  protected schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(run, this)
  }

  /** For the event loop. */
  run(): void {
    this.#scheduled = false
    this.turn()
  }
}
