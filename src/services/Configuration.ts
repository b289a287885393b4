/** What this server runs with, for those who ask: every setting, and where its value comes from. */
import { Context } from "effect"

export interface ConfiguredValue {
  /** As the flag is called, without the dashes. */
  readonly name: string
  /** Of a secret, `"redacted"`. */
  readonly value: string | number | boolean
  readonly source: "default" | "file" | "environment" | "flag"
}

/** An embedding app may tell its own; without that, nothing is told. */
export const Configuration = Context.Reference<ReadonlyArray<ConfiguredValue>>("switchboard/services/Configuration", {
  defaultValue: () => []
})
