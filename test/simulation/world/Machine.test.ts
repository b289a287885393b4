/** A machine of a simulation ends and stands still between two of its tasks, and not only when it has none. */
import { assert, describe, it } from "@effect/vitest"
import { Machine } from "./Machine.ts"
import { World } from "./World.ts"

const begun = (order: "fifo" | "drawn") => {
  const world = new World(1)
  const machine = new Machine("server0", world, { order })
  const done: Array<number> = []
  for (let n = 0; n < 5; n++) machine.post(() => void done.push(n))
  return { world, machine, done }
}

describe("Machine", () => {
  for (const order of ["fifo", "drawn"] as const) {
    it(`goes on after a pause with what it had not come to, ${order}`, async () => {
      const { done, machine, world } = begun(order)
      machine.afterTasks(2, () => machine.pause())
      await world.run(10)
      assert.lengthOf(done, 2)
      machine.post(() => void done.push(5))
      machine.resume()
      assert.strictEqual(machine.pausedMillis, 10)
      await world.run(20)
      const all = [0, 1, 2, 3, 4, 5]
      if (order === "fifo") assert.deepStrictEqual(done, all)
      else assert.sameMembers(done, all)
    })

    it(`does nothing more when it has crashed, ${order}`, async () => {
      const { done, machine, world } = begun(order)
      machine.afterTasks(2, () => machine.crash())
      machine.post(() => void done.push(5))
      await world.run(10)
      assert.lengthOf(done, 2)
    })

    it(`is spared what was to come later, ${order}`, async () => {
      const { done, machine, world } = begun(order)
      machine.afterTasks(2, () => machine.crash())
      machine.spare()
      await world.run(10)
      assert.lengthOf(done, 5)
    })
  }
})
