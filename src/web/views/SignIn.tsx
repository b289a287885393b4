/** The first page: a name, or a token where the server asks for one. */
import { useEffect, useRef, useState } from "preact/hooks"
import { tokenLength } from "../../domain/Limit.ts"
import { maxUserId } from "../../domain/userIds.ts"
import type { Identity, ServerInfo } from "../app/auth.ts"
import { hostOf } from "../app/openId.ts"
import { isName } from "../text/names.ts"
import { words } from "../words/index.ts"
import { Form } from "./Form.tsx"
import { LanguageChoice } from "./LanguageChoice.tsx"

interface Props {
  readonly info: ServerInfo | undefined
  readonly problem: string | undefined
  readonly busy: boolean
  readonly onSignIn: (identity: Identity) => void
  /** Goes to the provider. */
  readonly onProvider: () => void
}

export const SignIn = ({ busy, info, onProvider, onSignIn, problem }: Props) => {
  const [value, setValue] = useState("")
  const [complaint, setComplaint] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  const provider = info?.oidc === undefined ? undefined : hostOf(info.oidc)
  const byName = info === undefined || info.auth === "phone-header"
  useEffect(() => field.current?.focus(), [byName])

  const submit = () => {
    if (provider !== undefined) return onProvider()
    const text = value.trim()
    if (byName && !isName(text)) {
      setComplaint(words.signIn.nameRule)
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
        <h1>{words.page.name}</h1>
        <p class="soft">
          {provider !== undefined
            ? words.signIn.introProvider(provider)
            : byName
            ? words.signIn.intro
            : words.signIn.introToken}
        </p>
        {provider === undefined && <label for="identity">{byName ? words.signIn.name : words.signIn.token}</label>}
        {provider !== undefined
          ? null
          : byName
          ? (
            <input
              {...common}
              type="text"
              autocomplete="username"
              maxlength={maxUserId}
              placeholder={words.signIn.nameExample}
            />
          )
          : <input {...common} type="password" autocomplete="off" maxlength={tokenLength} />}
        {shown !== undefined && <p id="identity-problem" class="problem" role="alert">{shown}</p>}
        <button type="submit" class="primary" disabled={busy}>
          {busy
            ? words.signIn.busy
            : provider === undefined
            ? words.signIn.submit
            : words.signIn.withProvider(provider)}
        </button>
      </Form>
      <LanguageChoice />
    </main>
  )
}
