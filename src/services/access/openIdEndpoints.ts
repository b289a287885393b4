/** Where an OpenID Connect provider answers, as it says itself and as clients are told. */
import { Schema } from "effect"
import { isHttps } from "../kernel/addresses.ts"

export const address = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter((text: string) => URL.canParse(text) && isHttps(new URL(text)), {
      expected: "an address with https"
    })
  )
)

export const endpoints = {
  issuer: Schema.String,
  authorization_endpoint: address,
  token_endpoint: address,
  end_session_endpoint: Schema.optionalKey(address),
  id_token_signing_alg_values_supported: Schema.optionalKey(Schema.Array(Schema.String)),
  authorization_response_iss_parameter_supported: Schema.optionalKey(Schema.Boolean)
}

/** What a client has to know of the provider. */
export const Endpoints = Schema.Struct(endpoints)
export type Endpoints = typeof Endpoints.Type
