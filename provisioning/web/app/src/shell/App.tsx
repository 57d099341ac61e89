import { Button, Center, Loader, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import { session as carried } from '../api/client'
import { accessQuery, signedOut, type Access, type Session } from '../api/session'
import { ForgotPage } from '../access/ForgotPage'
import { PasswordPage } from '../access/PasswordPage'
import { ResetPage } from '../access/ResetPage'
import { SetUpPage } from '../access/SetUpPage'
import { SignInPage } from '../access/SignInPage'
import { VerifyPage } from '../access/VerifyPage'
import { useTexts } from '../texts'
import { pages } from './pages'
import { Shell } from './Shell'
import { Trouble } from './Trouble'

const SecondFactorPage = lazy(() => import('../access/SecondFactorPage'))

/** App decides which page one gets to see: by who one is first, by the address then. */
export function App() {
  const queries = useQueryClient()
  const access = useQuery(accessQuery)
  const [path] = useLocation()
  useEffect(() => {
    const change = (f: (s: Session) => Session | null) =>
      queries.setQueryData<Access>(accessQuery.queryKey, (a) => {
        if (!a?.session) return a
        const session = f(a.session)
        return session ? { session } : signedOut
      })
    carried.ended = () => change(() => null)
    carried.passwordDue = () => change((s) => ({ ...s, password_change_required: true }))
    carried.secondFactorDue = () => change((s) => ({ ...s, second_factor_required: true }))
  }, [queries])

  if (access.error) return <Stack p="lg" maw={560} mx="auto"><Trouble error={access.error} retry={() => access.refetch()} /></Stack>
  if (!access.data) return <Waiting />
  const { session } = access.data
  if (path === '/reset') return <ResetPage />
  if (path === '/verify') return <VerifyPage />
  if (path === '/forgot' && !session) return <ForgotPage />
  if (!session) return 'setUpNeeded' in access.data && access.data.setUpNeeded ? <SetUpPage /> : <SignInPage />
  if (session.password_change_required) return <PasswordPage />
  if (session.second_factor_required) return <Suspense fallback={<Waiting />}><SecondFactorPage /></Suspense>
  return (
    <Shell session={session}>
      <Suspense fallback={<Waiting />}>
        <Switch>
          {pages.filter((p) => p.roles.includes(session.role)).map(({ path, page: Page }) => (
            <Route key={path} path={path}><Page /></Route>
          ))}
          <Route path="/"><Redirect to={session.role === 'admin' ? '/users' : '/me'} replace /></Route>
          <Route path="/setup"><Redirect to="/" replace /></Route>
          <Route path="/forgot"><Redirect to="/" replace /></Route>
          <Route><Nowhere /></Route>
        </Switch>
      </Suspense>
    </Shell>
  )
}

function Waiting() {
  const t = useTexts()
  return <Center mih="40vh"><Loader aria-label={t.common.loading} role="status" /></Center>
}

function Nowhere() {
  const t = useTexts()
  return (
    <Stack align="flex-start">
      <Text>{t.errors.page}</Text>
      <Button component={Link} href="/" variant="default">{t.errors.toUsers}</Button>
    </Stack>
  )
}
