/** The package brings no types; these are of what is used of it. */
declare module "http_ece" {
  import type { ECDH } from "node:crypto"

  export interface EncryptOptions {
    readonly version: "aes128gcm"
    /** The browser's public key. */
    readonly dh: Buffer
    readonly authSecret: Buffer
    /** The sender's key of this one message. */
    readonly privateKey: ECDH
  }

  const httpEce: {
    readonly encrypt: (content: Buffer, options: EncryptOptions) => Buffer
  }

  export default httpEce
}
