/** ejabberd as Debian packages it: one node that nobody else can reach, everything that it writes in the run's directory. */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { host } from "./load/xmpp.ts"

/** Where the package is, its own command says. */
const command = "/usr/sbin/ejabberdctl"
const libraries = () => /^ERL_LIBS='(.*)'$/m.exec(readFileSync(command, "utf8"))![1]!

export const missingEjabberd = (): string | undefined => {
  if (!existsSync(command)) return "ejabberd and erlang-p1-sqlite3"
  return globSync("/usr/lib/erlang/lib/p1_sqlite3-*").length === 0 ? "erlang-p1-sqlite3" : undefined
}

interface Place {
  readonly port: number
  readonly directory: string
}

const archiveFile = (directory: string) => join(directory, "archive.db")
const configFile = (directory: string) => join(directory, "ejabberd.yml")

/**
 * Anybody may log in under any name, as with the header of the others. Nothing is shaped or counted. With the archive each
 * message is written twice, into the sender's and into the recipient's, before it is delivered.
 */
export const configureEjabberd = (archive: boolean) => ({ directory, port }: Place): void => {
  // JSON is YAML.
  const config = {
    hosts: [host],
    loglevel: "error",
    listen: [{
      port,
      ip: "127.0.0.1",
      backlog: 511,
      module: "ejabberd_http",
      request_handlers: { "/ws": "ejabberd_http_ws" }
    }],
    auth_method: ["anonymous"],
    anonymous_protocol: "login_anon",
    allow_multiple_connections: true,
    sql_type: "sqlite",
    sql_database: archiveFile(directory),
    modules: archive ? { mod_mam: { default: "always", db_type: "sql" } } : {}
  }
  // The mode of the journal is the file's, so ejabberd finds it: the same that the other stores have.
  const db = new DatabaseSync(archiveFile(directory))
  db.exec("PRAGMA journal_mode = WAL")
  db.close()
  writeFileSync(configFile(directory), JSON.stringify(config, undefined, 1))
}

const emulator =
  // As many connections and processes as the cases need, and threads that have nothing to do use no CPU.
  "-noinput -s ejabberd +K true +P 250000 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none".split(" ")

/** Without a name, a node needs no `epmd` and listens to no other node. What it says when it is ended goes to a file. */
export const ejabberdArgv = ({ directory }: Place): ReadonlyArray<string> => [
  "sh",
  "-c",
  `exec "$@" 2>>"$0"`,
  join(directory, "stderr.log"),
  "env",
  `HOME=${directory}`,
  `ERL_CRASH_DUMP=${join(directory, "crash.dump")}`,
  `ERL_LIBS=${libraries()}`,
  `EJABBERD_CONFIG_PATH=${configFile(directory)}`,
  `EJABBERD_LOG_PATH=${join(directory, "ejabberd.log")}`,
  "erl",
  "-mnesia",
  "dir",
  JSON.stringify(join(directory, "mnesia")),
  ...emulator
]
