/** The original Go design, built from `peers/go` with Debian's packages for as long as this process runs. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const packages = "/usr/share/gocode"

let program: string | undefined

export const goDesign = (): string => program!

/** Builds it, or says what is missing. */
export const buildGoDesign = (): string | undefined => {
  if (!existsSync(`${packages}/src/github.com/gorilla/websocket`)) return "golang-github-gorilla-websocket-dev"
  const directory = mkdtempSync(join(tmpdir(), "switchboard-go-"))
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }))
  const built = join(directory, "original-go-design")
  try {
    execFileSync("go", ["build", "-o", built, "."], {
      cwd: new URL("peers/go", import.meta.url).pathname,
      env: {
        ...process.env,
        GO111MODULE: "off",
        GOPATH: packages,
        GOCACHE: join(directory, "cache"),
        GOFLAGS: ""
      },
      stdio: ["ignore", "ignore", "inherit"]
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "golang-go"
    throw error
  }
  program = built
  return undefined
}
