/** Which traces are told to anybody: OpenTelemetry's samplers, by the trace's own id, so that all who see it decide alike. */

export interface Sampler {
  /** How many of all traces, from 0 for none to 1 for all. */
  readonly ratio: number
  /** What belongs to a trace that began elsewhere is sampled as it is there. */
  readonly parentBased: boolean
}

/** OpenTelemetry's default. */
export const everything: Sampler = { ratio: 1, parentBased: true }

const word = 2 ** 32

/** The last eight bytes of a trace's id, as a number from 0 to 1. */
export const fractionOf = (traceId: string): number =>
  (Number.parseInt(traceId.slice(-16, -8), 16) * word + Number.parseInt(traceId.slice(-8), 16)) / (word * word)

/** Of a trace that begins. */
export const chooses = ({ ratio }: Sampler, fraction: number): boolean => ratio >= 1 || fraction < ratio

/** `parent` is whether it is sampled where it comes from; `undefined` where it begins. */
export const samples = (sampler: Sampler, traceId: string, parent: boolean | undefined): boolean =>
  sampler.parentBased && parent !== undefined ? parent : chooses(sampler, fractionOf(traceId))
