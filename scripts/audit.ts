// `npm audit`, as CI wants it: every advisory is either gone or explained in docs/security.md by its id.
// Some registries have no audit endpoint; that is said loudly and is not held against the code.
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

interface Report {
  readonly vulnerabilities?: Record<string, {
    readonly severity: string
    readonly via: ReadonlyArray<string | { readonly url: string; readonly title: string }>
  }>
}

const { stdout } = spawnSync("npm", ["audit", "--json"], { encoding: "utf8" })
const report = (() => {
  try {
    return JSON.parse(stdout) as Report
  } catch {
    return {}
  }
})()

if (report.vulnerabilities === undefined) {
  process.stdout.write("AUDIT SKIPPED: this registry does not answer `npm audit`; nobody has looked for advisories.\n")
} else {
  const explained = readFileSync(new URL("../docs/security.md", import.meta.url), "utf8")
  const open = Object.entries(report.vulnerabilities).flatMap(([name, { severity, via }]) =>
    via.flatMap((each) => {
      if (typeof each === "string") return []
      const id = each.url.split("/").at(-1) ?? each.url
      return explained.includes(id) ? [] : [`${name} (${severity}): ${each.title}, ${each.url}`]
    })
  )
  process.stdout.write(open.length === 0 ? "No advisory is unexplained.\n" : `${open.join("\n")}\n`)
  if (open.length > 0) process.exitCode = 1
}
