/** How long something worked, in milliseconds: what else the machine does at the time does not count. */
export const cpuMillis = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1_000
}
