/** `/openapi.json` as a program reads it, without knowing anything of the server. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"

/** As much of JSON Schema as the document has. */
export interface JsonSchema {
  readonly type?: "string" | "number" | "integer" | "boolean" | "object" | "array" | "null"
  readonly $ref?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly const?: unknown
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly oneOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: ReadonlyArray<string>
  readonly items?: JsonSchema
  readonly prefixItems?: ReadonlyArray<JsonSchema>
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

interface Content {
  readonly [type: string]: { readonly schema: JsonSchema }
}

interface Response {
  readonly content?: Content
}

interface Described {
  readonly parameters?: ReadonlyArray<{
    readonly name: string
    readonly in: "path" | "query" | "header"
    readonly required: boolean
    readonly schema: JsonSchema
  }>
  readonly requestBody?: { readonly content: Content; readonly required?: boolean }
  readonly responses: { readonly [status: string]: Response }
  readonly security: ReadonlyArray<object>
}

export interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Described } }
  readonly components: { readonly schemas: { readonly [name: string]: JsonSchema } }
}

export interface Operation {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly described: Described
}

export const operationsOf = ({ paths }: Document): ReadonlyArray<Operation> =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      described
    }))
  )

export interface Answered {
  readonly status: number
  readonly type: string | undefined
  readonly body: Buffer
}

/** Answers are held against what the document says of their operation. */
export const checking = (document: Document) => {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false })
  const compiled = new Map<JsonSchema, ValidateFunction>()
  const validatorOf = (schema: JsonSchema): ValidateFunction => {
    const found = compiled.get(schema) ?? ajv.compile({ allOf: [schema], components: document.components })
    compiled.set(schema, found)
    return found
  }

  const faultOfJson = (schema: JsonSchema, text: string): string | undefined => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return "its body is not JSON"
    }
    const fits = validatorOf(schema)
    return fits(value) ? undefined : ajv.errorsText(fits.errors)
  }

  /** What is wrong with an answer, if anything is. */
  const faultOf = ({ described }: Operation, { body, status, type }: Answered): string | undefined => {
    const response = described.responses[String(status)]
    if (response === undefined) return "the document does not name this status"
    const types = Object.keys(response.content ?? {})
    if (types.length === 0) return body.length === 0 ? undefined : "it has a body"
    const named = types.find((name) => type?.split(";")[0] === name)
    // A file has a type of its own.
    if (named === undefined && !types.includes("application/octet-stream")) return `its type is ${type}`
    if (named === undefined || named === "application/octet-stream") return undefined
    const { schema } = response.content![named]!
    if (named !== "application/x-ndjson") return faultOfJson(schema, body.toString())
    return body.toString().split("\n").filter((line) => line !== "").map((line) => faultOfJson(schema, line)).find((
      fault
    ) => fault !== undefined)
  }

  return { faultOf, fits: (schema: JsonSchema, value: unknown): boolean => validatorOf(schema)(value) }
}
