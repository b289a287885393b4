/** Node's codes for a certificate that the client does not accept, whatever is wrong with it. */
const notTrusted = /CERT|ISSUER|UNABLE_TO_VERIFY/

/** A part of a sentence on what to do; `undefined` for any other code. */
export const distrust = (code: string): string | undefined =>
  notTrusted.test(code)
    ? `its certificate is not accepted (${code}); an authority of your own is named with NODE_EXTRA_CA_CERTS`
    : undefined
