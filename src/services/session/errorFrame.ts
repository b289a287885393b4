/** How a refusal looks to the client. */
import type { ChatError } from "../../domain/Errors.ts"
import type { ClientId } from "../../domain/Ids.ts"
import { EncodedFrame } from "./EncodedFrame.ts"

export const errorFrame = (id: ClientId | undefined, error: ChatError): EncodedFrame =>
  new EncodedFrame({
    type: "error",
    ...(id === undefined ? undefined : { id }),
    code: error.code,
    message: error.message,
    temporary: error.temporary,
    ...(error.retry_after_ms === undefined ? undefined : { retry_after_ms: error.retry_after_ms })
  })
