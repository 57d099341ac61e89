import { Stack, Title } from '@mantine/core'
import { useTexts } from '../texts'
import { Passkeys } from './Passkeys'
import { Password } from './Password'
import { Sessions } from './Sessions'
import { TOTP } from './TOTP'

/** SecurityPage is what lets oneself in: the password, the second factor, and where one is in. */
export default function SecurityPage() {
  const t = useTexts()
  return (
    <Stack gap="md" maw={820}>
      <Title order={1}>{t.security.title}</Title>
      <Password />
      <Passkeys />
      <TOTP />
      <Sessions />
    </Stack>
  )
}
