/** Names as identity providers give them, and those that fill every bound. */
import { UserId } from "../../src/domain/Ids.ts"

export const strangeNames = [
  "auth0|5f7c8ec7c33c6c004bbafe82",
  "f:8e3b:a/b",
  "-_x",
  "_b64url-",
  "100%25",
  "100%",
  "token:t",
  "samlp|conn|uid=o'neill,ou=people@x.example",
  "https://id.example.com/users/../7~1",
  "dm:a:b",
  // The ids of their conversations are as long as any, and one index entry holds two of them.
  `a${":".repeat(127)}`,
  `b${"%".repeat(127)}`,
  `z${"~".repeat(127)}`
].map((name) => UserId.make(name))
