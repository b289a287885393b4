/** The first page: a name, or a token where the server asks for one. */
import { useEffect, useRef, useState } from "preact/hooks"
import { tokenLength } from "../../domain/Limit.ts"
import type { Identity, ServerInfo } from "../app/auth.ts"
import { isName, nameRule } from "../text/names.ts"
import { Form } from "./Form.tsx"

interface Props {
  readonly info: ServerInfo | undefined
  readonly problem: string | undefined
  readonly busy: boolean
  readonly onSignIn: (identity: Identity) => void
}

export const SignIn = ({ busy, info, onSignIn, problem }: Props) => {
  const [value, setValue] = useState("")
  const [complaint, setComplaint] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  const byName = info === undefined || info.auth === "phone-header"
  useEffect(() => field.current?.focus(), [byName])

  const submit = () => {
    const text = value.trim()
    if (byName && !isName(text)) {
      setComplaint(nameRule)
      return field.current?.focus()
    }
    if (text === "") return field.current?.focus()
    setComplaint(undefined)
    onSignIn(byName ? { kind: "name", user: text } : { kind: "token", token: text })
  }
  const shown = complaint ?? problem
  const common = {
    id: "identity",
    ref: field,
    value,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => setValue(event.currentTarget.value),
    autocapitalize: "none",
    spellcheck: false,
    "aria-invalid": shown !== undefined,
    ...(shown === undefined ? undefined : { "aria-describedby": "identity-problem" })
  } as const

  return (
    <main class="sign-in">
      <Form onSubmit={submit}>
        <div class="mark" aria-hidden="true">
          <svg viewBox="0 0 32 32">
            <rect width="32" height="32" rx="9" />
            <path d="M10 10c0 8 12 4 12 12" />
            <circle cx="10" cy="10" r="3.6" />
            <circle cx="22" cy="22" r="3.6" class="far" />
          </svg>
        </div>
        <h1>Switchboard</h1>
        <p class="soft">
          {byName ? "Choose the name that others will know you by." : "Paste the token that you were given."}
        </p>
        <label for="identity">{byName ? "Your name" : "Token"}</label>
        {byName
          ? <input {...common} type="text" autocomplete="username" maxlength={64} placeholder="alice" />
          : <input {...common} type="password" autocomplete="off" maxlength={tokenLength} />}
        {shown !== undefined && <p id="identity-problem" class="problem" role="alert">{shown}</p>}
        <button type="submit" class="primary" disabled={busy}>{busy ? "Signing in…" : "Sign in"}</button>
      </Form>
    </main>
  )
}
