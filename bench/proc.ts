/** What the kernel knows about a process. Linux only. */
import { readFileSync } from "node:fs"

/** CPU time used so far, user and system, in milliseconds. */
export const cpuMillis = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Proportional set size in KiB. */
export const pssKilobytes = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))![1])

export const sleep = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))
