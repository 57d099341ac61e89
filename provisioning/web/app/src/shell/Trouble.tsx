import { Alert, Button } from '@mantine/core'
import { IconAlertCircle } from '@tabler/icons-react'
import { Refusal } from '../api/problem'
import { useTexts } from '../texts'

/** wordsFor says in one sentence what went wrong. */
export function useWordsFor() {
  const t = useTexts()
  return (error: unknown): string => {
    if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error)
    if (error.status === 0) return t.errors.offline
    if (error.status === 429) return t.errors.wait(error.retryAfter ?? 60)
    return error.message
  }
}

/** Trouble shows what went wrong, where it does not belong to a field. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useTexts()
  const wordsFor = useWordsFor()
  if (!error) return null
  return (
    <Alert role="alert" color="red" variant="outline" icon={<IconAlertCircle aria-hidden />} title={t.errors.title}>
      {wordsFor(error)}
      {retry && (
        <Button mt="xs" size="xs" variant="default" onClick={retry} display="block">
          {t.common.retry}
        </Button>
      )}
    </Alert>
  )
}
