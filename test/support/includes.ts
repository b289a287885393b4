import { assert } from "@effect/vitest"

/** A frame, or a list of frames, has at least these fields, or this one. Frames may gain fields. */
export const includes = (actual: unknown, expected: object): void => assert.deepInclude(actual, expected)
