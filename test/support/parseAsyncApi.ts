/** A program of its own: what the AsyncAPI parser says of the document on stdin. */
import { Parser } from "@asyncapi/parser"
import { readFileSync } from "node:fs"

const { diagnostics, document } = await new Parser().parse(readFileSync(0, "utf8"))

process.stdout.write(JSON.stringify({
  // Errors and warnings; the rest are recommendations.
  faults: diagnostics.filter(({ severity }) => severity < 2).map(({ message, path }) => [message, path.join(".")]),
  version: document?.version(),
  paths: document?.servers().all().map((server) => server.pathname() ?? "")
}))
