/** The descriptors of this process, asked of Linux through Bun's way to the C library. */
import { Effect, Result } from "effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { arch, platform } from "node:process"
import { builtin } from "./bun.ts"

export interface SocketName {
  readonly address: string
  readonly port: number
}

export interface SocketNames {
  readonly local: SocketName
  /** Nothing of one that listens, or whose peer has gone. */
  readonly remote: () => SocketName | undefined
}

export interface Descriptors {
  readonly count: () => number
  /** Each that is a socket of the internet. What it is given is good for as long as the call lasts. */
  readonly each: (visit: (fd: number, names: SocketNames) => void) => void
  /** Nothing is read or written any more: whoever has it finds that its peer has gone, and closes it. */
  readonly shutDown: (fd: number) => void
}

type NameOf = (fd: number, name: Uint8Array, length: Int32Array) => number

interface Libc {
  readonly getsockname: NameOf
  readonly getpeername: NameOf
  readonly shutdown: (fd: number, how: number) => number
}

interface Ffi {
  readonly dlopen: (file: string, functions: object) => { readonly symbols: Libc }
}

const nameOf = { args: ["i32", "ptr", "ptr"], returns: "i32" }
const functions = { getsockname: nameOf, getpeername: nameOf, shutdown: { args: ["i32", "i32"], returns: "i32" } }

const machine = arch === "x64" ? "x86_64" : arch === "arm64" ? "aarch64" : arch

/** That of most distributions, and that of Alpine. */
const files = ["libc.so.6", `libc.musl-${machine}.so.1`]

const place = "/proc/self/fd"

const bothWays = 2
const ipv4 = 2
const ipv6 = 10
const longestName = 128

const open = Effect.suspend(() => {
  const ffi = platform === "linux" ? builtin<Ffi>("bun:ffi") : undefined
  if (ffi === undefined) return Effect.undefined
  return Effect.firstSuccessOf(
    files.map((file) => Effect.try({ try: () => ffi.dlopen(file, functions).symbols, catch: () => undefined }))
  ).pipe(Effect.orElseSucceed(() => undefined))
})

const group = (bytes: Uint8Array, at: number): string => (bytes[at]! * 256 + bytes[at + 1]!).toString(16)

/** What is in a `sockaddr` of the internet; `undefined` where it is another. */
const readName = (bytes: Uint8Array): SocketName | undefined => {
  const family = bytes[0]! + bytes[1]! * 256
  if (family !== ipv4 && family !== ipv6) return undefined
  const port = bytes[2]! * 256 + bytes[3]!
  if (family === ipv4) return { port, address: bytes.subarray(4, 8).join(".") }
  const isMapped = bytes[18] === 255 && bytes[19] === 255 && bytes.subarray(8, 18).every((byte) => byte === 0)
  if (isMapped) return { port, address: bytes.subarray(20, 24).join(".") }
  return { port, address: Array.from({ length: 8 }, (_, i) => group(bytes, 8 + 2 * i)).join(":") }
}

const make = ({ getpeername, getsockname, shutdown }: Libc): Descriptors => {
  const most = Number(/Max open files +(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? 0)
  /** To look there takes one more descriptor. Where there is none, all are in use. */
  const inUse = (): ReadonlyArray<number> =>
    Result.getOrElse(
      Result.try(() => readdirSync(place).map(Number)),
      () => Array.from({ length: most }, (_, fd) => fd)
    )
  const bytes = new Uint8Array(longestName)
  const length = new Int32Array(1)
  const ask = (call: NameOf, fd: number): SocketName | undefined => {
    length[0] = longestName
    return call(fd, bytes, length) === 0 ? readName(bytes) : undefined
  }
  return {
    // From Linux 6.2 on the size of that folder is how many are in it.
    count: () => statSync(place).size || inUse().length,
    each: (visit) => {
      for (const fd of inUse()) {
        const local = ask(getsockname, fd)
        if (local !== undefined) visit(fd, { local, remote: () => ask(getpeername, fd) })
      }
    },
    shutDown: (fd) => {
      shutdown(fd, bothWays)
    }
  }
}

/** Nothing where they cannot be had. */
export const descriptors: Effect.Effect<Descriptors | undefined> = Effect.map(
  open,
  (libc) => libc === undefined ? undefined : make(libc)
)
