/** Why a server cannot listen, in one sentence. */
import { userError } from "./userError.ts"

export const listenError = (host: string, port: number, cause: unknown, flag = "port") => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  switch (code) {
    case "EADDRINUSE":
      return userError(`Port ${port} is in use; stop the other program or choose a port with --${flag}.`, cause)
    case "EACCES":
      return userError(`Port ${port} needs more rights; choose one above 1023 with --${flag}.`, cause)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return userError(`This machine has no address ${host}; choose one with --host.`, cause)
    default:
      return userError(`Cannot listen on ${host}:${port}; choose another --host or --${flag}.`, cause)
  }
}
