/** What it costs to have everything found: messages of words, with the search index and without. */
import { numbersFrom, textFrom } from "../load/words.ts"
import type { ServerName } from "../servers.ts"
import type { BenchCase } from "./case.ts"
import { closedLoop } from "./durable.ts"

const random = numbersFrom(1)
const texts = Array.from({ length: 20_000 }, () => textFrom(random))

const run = closedLoop((sent) => texts[sent % texts.length]!)

const searchCost = (name: string, store: string, server: ServerName, without: ServerName): BenchCase => ({
  name,
  title: `Durable on ${store}, closed loop, texts of about eleven words: with the search index, and without`,
  servers: [without, server],
  figures: {
    rate: "accepted/s",
    cpu: "CPU µs per message accepted and delivered",
    ...(store === "Postgres" ? { database: "µs of the database" } : {})
  },
  ratio: { figure: "rate", to: without },
  fromSource: true,
  run
})

export const searchSqlite = searchCost(
  "search-sqlite",
  "SQLite",
  "Switchboard SQLite",
  "Switchboard SQLite without search"
)
export const searchPostgres = searchCost(
  "search-postgres",
  "Postgres",
  "Switchboard Postgres",
  "Switchboard Postgres without search"
)
