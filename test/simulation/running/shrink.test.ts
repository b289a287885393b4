/** A plan that breaks a law becomes short, and stays the same wherever it is run again. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Plan } from "../schedule.ts"
import { planOf } from "../simulate.ts"
import { find } from "./found.ts"
import { lawOf } from "./jobs.ts"
import { Pool } from "./Pool.ts"
import { withoutDevice, withoutNode, withoutPerson } from "./renumber.ts"
import { castOf, sentenceOf } from "./sentences.ts"
import { simpler } from "./simpler.ts"
import { storyOf } from "./story.ts"

const readPlan = Schema.decodeUnknownSync(Plan)

const withPlant = async <A>(plant: string | undefined, use: (pool: Pool) => Promise<A>): Promise<A> => {
  const pool = new Pool({ workers: 1, plant })
  try {
    return await use(pool)
  } finally {
    pool.close()
  }
}

describe("shrinking", () => {
  it("P3 a planted fault is found, made short, told, and replayed from JSON to the same violation and digest", async () => {
    const name = "dedupe-by-text"
    const found = await find({ name, most: 50, tries: 300 })
    assert.isDefined(found)
    const { law, shrunk, steps } = found
    assert.isAtMost(shrunk.plan.steps.length, 5, `of ${steps}`)
    const story = storyOf(shrunk)
    assert.include(story, "says \"yes\"")
    assert.include(story, `Broken: ${law}`)
    const plan = readPlan(JSON.parse(JSON.stringify(shrunk.plan)))
    const again = await withPlant(name, (pool) => pool.ran({ plan, trace: true }))
    assert.strictEqual(again.digest, shrunk.digest)
    assert.deepStrictEqual(again.trace, shrunk.trace)
    assert.deepStrictEqual(again.violations, shrunk.violations)
    assert.include(again.violations.map(lawOf), law)
    const sound = await withPlant(undefined, (pool) => pool.ran({ plan, trace: false }))
    assert.isEmpty(sound.violations)
  })

  const plans = Array.from({ length: 20 }, (_, index) => planOf(index + 1))

  it("whatever is simpler is a plan, and less than it was", () => {
    for (const plan of plans) {
      const size = JSON.stringify(plan).length
      const all = Array.from(simpler({ ...plan, steps: plan.steps.slice(0, 20) }))
      assert.isAbove(all.length, 20)
      for (const each of all) {
        assert.deepStrictEqual(readPlan(JSON.parse(JSON.stringify(each))), each)
        assert.isAtMost(JSON.stringify(each).length, size)
        assert.strictEqual(each.options.restMillis, plan.options.restMillis)
      }
    }
  })

  it("without a device, a server or a person, the others are named by their new numbers", () => {
    for (const plan of plans) {
      const { devices, nodes, people } = plan.options
      const last = withoutDevice(plan, 0)
      assert.deepStrictEqual(last.options.devices, devices.slice(1))
      const names = ({ options, steps }: Plan) =>
        steps.flatMap((step) => "device" in step ? [options.people[options.devices[step.device]!.person]!] : [])
      assert.deepStrictEqual(
        names(last),
        plan.steps.flatMap((step) =>
          "device" in step && step.device !== 0 ? [people[devices[step.device]!.person]!] : []
        )
      )
      const without = withoutPerson(plan, 1)
      assert.notInclude(without.options.people, people[1])
      assert.notInclude(names(without), people[1])
      for (const { node } of withoutNode(plan, 0).options.devices) {
        assert.isBelow(node, Math.max(1, nodes.length - 1))
      }
    }
  })

  it("every step of a plan is a sentence", () => {
    for (const plan of plans) {
      for (const text of [...castOf(plan), ...plan.steps.map((step) => sentenceOf(plan, step))]) {
        assert.notInclude(text, "undefined")
        assert.isAbove(text.length, 10)
      }
    }
  })
})
