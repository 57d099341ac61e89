import { Button, Group, Modal, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { askBefore } from '../shell/location'
import { useTexts } from '../texts'

/**
 * useUnsaved warns whoever leaves the page, by a link, by Back or with its tab,
 * while something is not saved. question is to be shown; settled lets one go.
 */
export function useUnsaved(dirty: boolean) {
  const t = useTexts()
  const [go, setGo] = useState<(() => void) | null>(null)
  const release = useRef(() => {})
  useEffect(() => {
    if (!dirty) return
    const warn = (e: BeforeUnloadEvent) => e.preventDefault()
    addEventListener('beforeunload', warn)
    const stop = askBefore((next) => setGo(() => next))
    release.current = () => {
      removeEventListener('beforeunload', warn)
      stop()
    }
    return release.current
  }, [dirty])
  const stay = () => setGo(null)
  const question = (
    <Modal opened={go !== null} onClose={stay} title={t.edit.leaveTitle} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Text size="sm">{t.edit.leave}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" color="red" onClick={() => { stay(); go?.() }}>{t.edit.leaveSubmit}</Button>
        <Button onClick={stay} data-autofocus>{t.edit.stay}</Button>
      </Group>
    </Modal>
  )
  return { question, asking: go !== null, settled: () => release.current() }
}
