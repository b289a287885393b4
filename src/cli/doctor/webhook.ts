/** Whether somebody listens where webhooks go. Nothing is told: the question is a HEAD. */
import { Effect } from "effect"
import { isLoopback } from "../../services/kernel/addresses.ts"
import { type Answer, ask } from "./ask.ts"
import { type Check, failed, ok, type Verdict, warning, whyOf } from "./Check.ts"

const check = "webhook"

/** What is answered to a HEAD may be anything: it only says that somebody is there. */
export const webhookVerdict = (url: URL, { location, status }: Pick<Answer, "status" | "location">): Verdict => {
  if (status >= 300 && status < 400) {
    const target = location === undefined ? "another address" : location
    return warning(check, `${url.host} redirects to ${target}, which is not followed; give that address itself.`)
  }
  if (status === 404 || status === 410) {
    return warning(check, `${url.host} answers ${status} there; check the path.`)
  }
  if (status >= 500) return warning(check, `${url.host} answers ${status}; see what is wrong there.`)
  return url.protocol === "http:" && !isLoopback(url.hostname)
    ? warning(check, `${url.host} answers, but what is told goes there without encryption; give an https address.`)
    : ok(check, `${url.host} answers.`)
}

export const webhookCheck = (target: string): Check => ({
  name: check,
  run: Effect.suspend(() => {
    const url = URL.parse(target)
    if (url === null || !/^https?:$/.test(url.protocol)) {
      return Effect.succeed([failed(check, "The target is no address; give one such as https://example.com/chat.")])
    }
    return Effect.match(ask(url, { method: "HEAD" }), {
      onFailure: (error) => [failed(check, `${url.host} cannot be reached (${whyOf(error)}); see that it runs.`)],
      onSuccess: (answer) => [webhookVerdict(url, answer)]
    })
  })
})
