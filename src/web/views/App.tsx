/** Signed in or not. */
import { useEffect, useRef, useState } from "preact/hooks"
import { fetchInfo, forget, type Identity, recalled, type ServerInfo, SignInError } from "../app/auth.ts"
import { enter, type Entered } from "../app/enter.ts"
import { sentenceOf } from "../text/problems.ts"
import { Shell } from "./Shell.tsx"
import { SignIn } from "./SignIn.tsx"

export const App = () => {
  const [info, setInfo] = useState<ServerInfo>()
  const [entered, setEntered] = useState<Entered>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(() => recalled() !== undefined)
  const current = useRef<Entered | undefined>(undefined)

  const leave = () => {
    current.current?.session.close()
    current.current = undefined
    setEntered(undefined)
  }
  const signOut = (why?: string) => {
    leave()
    forget()
    setProblem(why)
    history.replaceState(null, "", location.pathname)
  }
  const signIn = async (identity: Identity, isNew: boolean) => {
    setBusy(true)
    setProblem(undefined)
    leave()
    try {
      const next = await enter(identity, isNew, signOut)
      current.current = next
      setEntered(next)
    } catch (error) {
      if (error instanceof SignInError && error.permanent) forget()
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }

  /** Stays signed in, or comes back as the same user, in the conversation and with the drafts that were there. */
  const renew = async (token: string) => {
    const before = current.current!
    if (before.session.store.state.link._tag === "Ready") return before.prolong(token)
    const next = await enter({ kind: "token", token }, true, signOut, before.session.me)
    before.session.close()
    current.current = next
    setEntered(next)
  }

  useEffect(() => {
    const known = recalled()
    if (known !== undefined) void signIn(known, false)
    fetchInfo().then(setInfo, (error: unknown) => setProblem(sentenceOf(error)))
  }, [])

  if (entered !== undefined) {
    return (
      <Shell
        key={entered.session.me}
        session={entered.session}
        onSignOut={() => signOut()}
        onAgain={() => void signIn(entered.identity(), false)}
        onToken={renew}
      />
    )
  }
  if (busy && recalled() !== undefined) return <main class="sign-in" aria-busy="true" aria-label="Signing in" />
  return <SignIn info={info} problem={problem} busy={busy} onSignIn={(identity) => void signIn(identity, true)} />
}
