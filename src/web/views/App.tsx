/** Signed in or not. */
import { useEffect, useRef, useState } from "preact/hooks"
import { fetchInfo, forget, type Identity, recalled, type ServerInfo, SignInError } from "../app/auth.ts"
import { enter, type Entered } from "../app/enter.ts"
import { takeInvite } from "../app/invites.ts"
import { forgetGranted, granted, isAnswer } from "../app/openId.ts"
import { comeBack, goToProvider, learn, leaveProvider } from "../app/openIdVisit.ts"
import type { Left } from "../app/uploads.ts"
import { loadFormat } from "../text/format/index.ts"
import { sentenceOf } from "../text/problems.ts"
import { words } from "../words/index.ts"
import { useLanguage } from "./LanguageChoice.tsx"
import { Shell } from "./Shell.tsx"
import { SignIn } from "./SignIn.tsx"

export const App = () => {
  const language = useLanguage()
  const [info, setInfo] = useState<ServerInfo>()
  const [entered, setEntered] = useState<Entered>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(() => recalled() !== undefined || isAnswer())
  const current = useRef<Entered | undefined>(undefined)

  /** Files that were chosen stay so, should the next session be of the same user. */
  const left = useRef<Left | undefined>(undefined)

  const leave = () => {
    left.current = current.current?.session.close() ?? left.current
    current.current = undefined
    setEntered(undefined)
  }
  const signOut = (why?: string) => {
    current.current?.session.forget()
    leave()
    left.current = undefined
    forget()
    forgetGranted()
    setProblem(why)
    history.replaceState(null, "", location.pathname)
  }
  const signIn = async (identity: Identity, isNew: boolean) => {
    setBusy(true)
    setProblem(undefined)
    leave()
    try {
      const [next] = await Promise.all([
        enter(identity, isNew, signOut, undefined, () => left.current),
        loadFormat()
      ])
      left.current = undefined
      current.current = next
      setEntered(next)
    } catch (error) {
      if (error instanceof SignInError && error.permanent) {
        forget()
        forgetGranted()
      }
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }

  /** Stays signed in, or comes back as the same user, in the conversation and with the drafts that were there. */
  const renew = async (token: string) => {
    const before = current.current!
    if (before.session.store.state.link._tag === "Ready") return before.prolong(token)
    const next = await enter({ kind: "token", token }, true, signOut, before.session.me, () => before.session.close())
    current.current = next
    setEntered(next)
  }

  const wrong = (error: unknown) => {
    setProblem(sentenceOf(error))
    setBusy(false)
  }
  const visit = () => {
    setBusy(true)
    goToProvider().catch(wrong)
  }

  useEffect(() => {
    // Whoever signs in may be led away from the page, and back to another address.
    takeInvite()
    const known = recalled()
    const told = fetchInfo()
    told.then((info) => {
      setInfo(info)
      learn(info)
    }, (error: unknown) => setProblem(sentenceOf(error)))
    if (isAnswer()) {
      told.then(comeBack).then((next) => {
        const identity = next ?? known
        return identity === undefined ? setBusy(false) : signIn(identity, next !== undefined)
      }).catch(wrong)
    } else if (known !== undefined) void signIn(known, false)
  }, [])

  if (entered !== undefined) {
    return (
      <Shell
        key={`${entered.session.me} ${language}`}
        session={entered.session}
        onSignOut={() => leaveProvider(signOut)}
        onAgain={() => void signIn(entered.identity(), false)}
        onToken={renew}
        onProvider={granted() === undefined ? undefined : goToProvider}
      />
    )
  }
  if (busy && (recalled() !== undefined || isAnswer())) {
    return <main class="sign-in" aria-busy="true" aria-label={words.signIn.signingIn} />
  }
  return (
    <SignIn
      info={info}
      problem={problem}
      busy={busy}
      onSignIn={(identity) => void signIn(identity, true)}
      onProvider={visit}
    />
  )
}
