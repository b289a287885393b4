/** Variables of the environment that look like settings and are none: a typing mistake would go unseen. */
import { Console, Effect } from "effect"
import { environmentName } from "../../services/Settings.ts"
import { nearest } from "./nearest.ts"
import { type Declared, type SettingSources, Sources } from "./Sources.ts"

/** Of commands that talk to a server, and of this one. */
const others = ["config", "url", "token", "json", "admin-url"].map(environmentName)

/** What Kubernetes tells every pod beside a service called `switchboard`, or beginning with it. */
const isServiceLink = (variable: string): boolean =>
  /_(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/.test(variable)

const ours = Effect.fnUntraced(function*({ environment }: SettingSources) {
  const found: Array<string> = []
  const open: Array<ReadonlyArray<string>> = [["SWITCHBOARD"]]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const node = yield* Effect.orDie(environment.load(path))
    if (node?.value !== undefined) found.push(path.join("_"))
    if (node?._tag === "Record") { for (const key of node.keys) open.push([...path, key]) }
  }
  return found.toSorted()
})

/** One line for each of them. */
export const unknownVariables = Effect.fnUntraced(function*(known: ReadonlyArray<Declared>) {
  const sources = yield* Sources
  const names = [...known.map(({ name }) => environmentName(name)), ...others]
  return (yield* ours(sources))
    .filter((variable) => variable !== "SWITCHBOARD" && !names.includes(variable) && !isServiceLink(variable))
    .map((variable) => {
      const meant = nearest(
        variable.slice("SWITCHBOARD_".length),
        names.map((name) => name.slice("SWITCHBOARD_".length))
      )
      return `the variable ${variable} sets nothing${
        meant === undefined ? "." : `; did you mean SWITCHBOARD_${meant}?`
      }`
    })
})

export const warnOfVariables = Effect.fnUntraced(function*(known: ReadonlyArray<Declared>) {
  for (const warning of yield* unknownVariables(known)) yield* Console.error(`Warning: ${warning}`)
})
