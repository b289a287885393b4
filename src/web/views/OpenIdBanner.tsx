/** Gets the next token before the last one ends; says something only where that cannot be done without the user. */
import { useEffect, useRef, useState } from "preact/hooks"
import { SignInError } from "../app/auth.ts"
import { granted, keepGranted } from "../app/openId.ts"
import type { Access } from "../state/model.ts"
import { sentenceOf } from "../text/problems.ts"
import { words } from "../words/index.ts"
import { Form } from "./Form.tsx"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly access: Access
  /** Rejects with what is wrong with the token. */
  readonly onToken: (token: string) => Promise<void>
  /** Goes to the provider, and comes back. */
  readonly onSignIn: () => Promise<void>
}

const patience = 5_000
/** A token that ends later than this is warned of later, too. */
const longestWait = 30_000

interface Outcome {
  /** What went wrong. */
  readonly problem?: string
  /** Whether it may go better later. */
  readonly again?: boolean
}

const attempt = async (onToken: Props["onToken"]): Promise<Outcome> => {
  const last = granted()
  if (last?.refresh === undefined) return { again: false }
  try {
    const { renewed } = await import("../app/openIdFlow.ts")
    const next = await renewed(last)
    keepGranted(next)
    await onToken(next.token)
    return {}
  } catch (error) {
    return { problem: sentenceOf(error), again: !(error instanceof SignInError && error.permanent) }
  }
}

/** A refresh token is good once, so two do not ask with the same one. */
let running: Promise<Outcome> | undefined

const renew = (onToken: Props["onToken"]): Promise<Outcome> =>
  running ??= attempt(onToken).finally(() => {
    running = undefined
  })

/** Half of what is left is for trying again. */
const waitFor = (access: Access): number =>
  access._tag === "Ending" ? Math.min(Math.max(0, (access.at - Date.now()) / 2), longestWait) : 0

export const OpenIdBanner = ({ access, onSignIn, onToken }: Props) => {
  const [needed, setNeeded] = useState(false)
  const [problem, setProblem] = useState<string>()
  const ending = access._tag !== "Good"
  const tell = useRef(onToken)
  tell.current = onToken

  useEffect(() => {
    if (!ending) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let stopped = false
    const next = async () => {
      const { again, problem } = await renew((token) => tell.current(token))
      if (stopped || again === undefined) return
      setProblem(problem)
      if (again) timer = setTimeout(next, patience)
      else setNeeded(true)
    }
    timer = setTimeout(next, waitFor(access))
    return () => {
      stopped = true
      clearTimeout(timer)
      setNeeded(false)
      setProblem(undefined)
    }
  }, [access._tag])

  // As long as the last token holds, a provider that does not answer may still do so.
  if (!ending || !(needed || access._tag === "Ended" && problem !== undefined)) return null
  return (
    <Form
      class="banner"
      label={words.access.label}
      onSubmit={() => void onSignIn().catch((error: unknown) => setProblem(sentenceOf(error)))}
    >
      <Icon name="alert" />
      <span role="status">{access._tag === "Ended" ? words.access.ended : words.access.ending}</span>
      <button type="submit">{words.openId.again}</button>
      {problem !== undefined && <span class="problem" role="alert">{problem}</span>}
    </Form>
  )
}
