/** What is said of a SQLite data file, of its place and of the disk under it. */
import { bytes, failed, ok, type Verdict, warning } from "./Check.ts"

const check = "store"

/** As `statfs` numbers them (linux/magic.h). */
const fileSystems: {
  readonly [type: number]: { readonly name: string; readonly kind: "network" | "memory" | "layer" }
} = {
  0x6969: { name: "NFS", kind: "network" },
  0x517b: { name: "SMB", kind: "network" },
  0xff534d42: { name: "CIFS", kind: "network" },
  0xfe534d42: { name: "SMB", kind: "network" },
  0x01021997: { name: "9p", kind: "network" },
  0x00c36400: { name: "Ceph", kind: "network" },
  0x5346414f: { name: "AFS", kind: "network" },
  0x01021994: { name: "tmpfs", kind: "memory" },
  0x858458f6: { name: "ramfs", kind: "memory" },
  0x794c7630: { name: "overlayfs", kind: "layer" }
}

export const fileSystemVerdict = (type: number): Verdict | undefined => {
  const known = fileSystems[type]
  switch (known?.kind) {
    case "network":
      return warning(
        check,
        `The data file is on ${known.name}, whose locks SQLite cannot rely on; put it on a disk of this machine.`
      )
    case "memory":
      return warning(
        check,
        `The data file is on ${known.name}, in memory: it is gone with the next start of the machine; put it on a disk.`
      )
    case "layer":
      return warning(
        check,
        `The data file is on ${known.name}, which goes with its container; put it on a volume.`
      )
    default:
      return undefined
  }
}

export interface Owner {
  readonly file: number
  readonly process: number
}

/** Files that a server of another user leaves cannot be written by the one before. */
export const ownerVerdict = (filename: string, { file, process }: Owner): Verdict | undefined =>
  file === process ? undefined : warning(
    check,
    `${filename} belongs to user ${file}, and this is user ${process}; run servers and commands as user ${file}.`
  )

/** Under which the next minutes are in danger. */
const littleRoom = 100 * 1_048_576

export const roomVerdict = ({ free, size }: { readonly free: number; readonly size: number }): Verdict => {
  const has = `The data file has ${bytes(size)}, its disk has ${bytes(free)} left`
  if (free < littleRoom) {
    return failed("disk", `${has}; make room: a server whose disk is full takes no messages.`)
  }
  return free < size
    ? warning("disk", `${has}, less than a copy of it needs ("switchboard backup"); make room.`)
    : ok("disk", `${has}.`)
}

export interface Trial {
  readonly journalMode: string
  /** 2 is FULL. */
  readonly synchronous: number
  /** Of one commit, in milliseconds; the middle of several. */
  readonly commitMillis: number
}

/** A commit that takes longer holds up everybody who sends. */
const slowMillis = 50

/** Promise P1: what was accepted is on the disk. */
export const trialVerdict = ({ commitMillis, journalMode, synchronous }: Trial): Verdict => {
  if (journalMode !== "wal") {
    return failed(
      check,
      `SQLite cannot keep its log there (journal_mode is ${journalMode}); put the data file on a disk of this machine.`
    )
  }
  if (synchronous < 2) {
    return failed(
      check,
      "SQLite does not wait for the disk (synchronous is not FULL), so accepted messages can be lost."
    )
  }
  const took = `A commit is on the disk after ${commitMillis.toFixed(1)} ms (WAL, synchronous=FULL)`
  return commitMillis > slowMillis
    ? warning(check, `${took}, which is slow; use a quicker disk.`)
    : ok(check, `${took}.`)
}

/** What `PRAGMA quick_check` said; "ok" is well. */
export const integrityVerdict = (filename: string, said: ReadonlyArray<string>): Verdict =>
  said.length === 1 && said[0] === "ok"
    ? ok("integrity", `${filename} is whole.`)
    : failed("integrity", `${filename} is damaged (${said[0] ?? "it says nothing"}); restore a backup.`)
