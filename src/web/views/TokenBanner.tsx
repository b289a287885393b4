/** Says that the user's token ends or has ended, and takes the next one without leaving the page. */
import { useState } from "preact/hooks"
import { tokenLength } from "../../domain/Limit.ts"
import type { Access } from "../state/model.ts"
import { sentenceOf } from "../text/problems.ts"
import { words } from "../words/index.ts"
import { Form } from "./Form.tsx"
import { useCountdown } from "./hooks.ts"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly access: Access
  /** Rejects with what is wrong with the token. */
  readonly onToken: (token: string) => Promise<void>
}

export const TokenBanner = ({ access, onToken }: Props) => {
  const [token, setToken] = useState("")
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const seconds = useCountdown(access._tag === "Ending" ? access.at : undefined)
  if (access._tag === "Good") return null

  const submit = async () => {
    if (token.trim() === "") return
    setBusy(true)
    try {
      await onToken(token.trim())
      setToken("")
      setProblem(undefined)
    } catch (error) {
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Form class="banner" label={words.access.label} onSubmit={submit}>
      <Icon name="alert" />
      <span role="status">{access._tag === "Ended" ? words.access.ended : words.access.ending}</span>
      {access._tag === "Ending" && <span class="countdown">{words.access.countdown(seconds)}</span>}
      <input
        type="password"
        autocomplete="off"
        maxlength={tokenLength}
        aria-label={words.access.newToken}
        placeholder={words.access.paste}
        value={token}
        onInput={(event) => setToken(event.currentTarget.value)}
        aria-invalid={problem !== undefined}
        {...(problem === undefined ? undefined : { "aria-describedby": "token-problem" })}
      />
      <button type="submit" disabled={busy}>{access._tag === "Ended" ? words.access.goOn : words.access.stay}</button>
      {problem !== undefined && <span id="token-problem" class="problem" role="alert">{problem}</span>}
    </Form>
  )
}
