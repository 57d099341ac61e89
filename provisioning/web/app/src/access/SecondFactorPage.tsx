import { Alert, Button, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { accessQuery, signOut } from '../api/session'
import SecurityPage from '../security/SecurityPage'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'

/** SecondFactorPage is all that an administrator sees who must have a second factor and has none. */
export default function SecondFactorPage() {
  const t = useTexts()
  const queries = useQueryClient()
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => queries.resetQueries({ queryKey: accessQuery.queryKey }) })
  return (
    <Stack component="main" p="md" maw={860} mx="auto">
      <Alert variant="outline" role="status">{t.openid.required}</Alert>
      <SecurityPage />
      <Trouble error={leave.error} />
      <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()} style={{ alignSelf: 'flex-start' }}>{t.account.signOut}</Button>
    </Stack>
  )
}
