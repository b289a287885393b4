/** `npm run bench:capacity -- bench/results/…-growth-….json`: the tables of docs/capacity.md, of that run. */
import { readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { withFigures } from "./growth/page.ts"
import type { Row } from "./growth/part.ts"

const [file = ""] = process.argv.slice(2)
const { rows } = JSON.parse(readFileSync(file, "utf8")) as { readonly rows: ReadonlyArray<Row> }
const page = new URL("../docs/capacity.md", import.meta.url)
writeFileSync(page, withFigures(readFileSync(page, "utf8"), basename(file, ".json"), rows))
