/** One HTTP question, for what the answer begins with. Redirects are not followed. */
import { Effect } from "effect"
import { request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"

export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
}

/** Nobody needs more to know who answers. */
const maxBody = 65_536

export interface AskOptions {
  readonly method: "GET" | "HEAD"
  /** Whom the certificate is of does not matter where only the program is looked for. */
  readonly anyCertificate?: boolean
}

export const ask = (url: URL, { anyCertificate = false, method }: AskOptions): Effect.Effect<Answer, Error> =>
  Effect.callback<Answer, Error>((resume) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp
    const question = send(url, {
      method,
      agent: false,
      headers: { connection: "close", "user-agent": "switchboard-doctor" },
      ...(anyCertificate ? { rejectUnauthorized: false } : undefined)
    }, (response) => {
      let body = ""
      const answered = () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, location: response.headers.location, body }))
      response.setEncoding("utf8")
      response.on("data", (text: string) => {
        body += text
        if (body.length < maxBody) return
        answered()
        question.destroy()
      })
      response.once("end", answered)
      response.once("error", (error) => resume(Effect.fail(error)))
    })
    question.once("error", (error) => resume(Effect.fail(error)))
    question.end()
    return Effect.sync(() => question.destroy())
  })
