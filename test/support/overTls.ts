/**
 * The same stories over TLS: servers of tests have a certificate, and their clients speak to them in that way. `TEST_TLS=1`
 * tells it so (`vitest.config.ts`); its clients believe any certificate, which is not what those stories are about.
 */
import { mkdtempSync, rmSync } from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeTls from "node:tls"
import type { TlsFiles } from "../../src/index.ts"
import { selfSigned } from "./certificates.ts"

const make = (): TlsFiles => {
  const directory = mkdtempSync(join(tmpdir(), "switchboard-tls-"))
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }))
  return selfSigned(directory)
}

/** What the servers of this process's tests have; `undefined` where they speak plainly. */
export const overTls: TlsFiles | undefined = process.env["TEST_TLS"] === "1" ? make() : undefined

/** `http` and `ws` with what belongs to them. */
export const [http, ws] = overTls === undefined ? ["http", "ws"] as const : ["https", "wss"] as const

/** For `serve`. */
export const tlsArgs = overTls === undefined ? [] : ["--tls-cert", overTls.cert, "--tls-key", overTls.key]

/** A socket to such a server, ready for bytes at its `ready` event. */
export const socketTo = (options: Net.TcpNetConnectOpts, then: () => void = () => {}): Net.Socket =>
  overTls === undefined ? Net.connect(options, then) : NodeTls.connect({ ...options, rejectUnauthorized: false }, then)
