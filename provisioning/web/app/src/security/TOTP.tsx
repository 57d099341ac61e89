import { Badge, Button, Code, CopyButton, Group, Modal, Paper, PasswordInput, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client } from '../api/client'
import { accessQuery } from '../api/session'
import { fieldErrors } from '../edit/errors'
import { Trouble } from '../shell/Trouble'
import { useTexts } from '../texts'

/** TOTP turns the codes of an authenticator app on and off. */
export function TOTP() {
  const t = useTexts()
  const queries = useQueryClient()
  const { data } = useQuery(accessQuery)
  const on = Boolean(data?.session?.totp)
  const [stopping, setStopping] = useState(false)
  const [codes, setCodes] = useState<string[] | null>(null)
  const begin = useMutation({ mutationFn: () => answer(client.POST('/api/v1/session/totp')) })
  const refresh = () => queries.fetchQuery({ ...accessQuery, staleTime: 0 })

  return (
    <Paper withBorder p="md" component="section" aria-labelledby="own-totp">
      <Stack gap="sm" align="flex-start">
        <div>
          <Group gap="xs">
            <Title order={2} id="own-totp">{t.security.totp.title}</Title>
            <Badge variant="outline" color={on ? 'teal' : 'gray'} tt="none">{on ? t.security.totp.on : t.security.totp.off}</Badge>
          </Group>
          <Text size="sm" c="dimmed">{t.security.totp.lead}</Text>
        </div>
        <Trouble error={begin.error} />
        {codes ? <Recovery codes={codes} onKept={() => { setCodes(null); void refresh() }} /> :
          on ? <Button variant="default" onClick={() => setStopping(true)}>{t.security.totp.stop}</Button> :
          begin.data ? <Confirm totp={begin.data} onCancel={begin.reset} onDone={(all) => { begin.reset(); setCodes(all); if (!data?.session?.second_factor_required) void refresh() }} /> :
          <Button variant="default" loading={begin.isPending} onClick={() => begin.mutate()}>{t.security.totp.begin}</Button>}
      </Stack>
      {stopping && <Stop onClose={() => setStopping(false)} onDone={() => { setStopping(false); void refresh() }} />}
    </Paper>
  )
}

function Confirm({ totp, onCancel, onDone }: { totp: { secret?: string; qr_svg?: string }; onCancel: () => void; onDone: (codes: string[]) => void }) {
  const t = useTexts()
  const form = useForm({ initialValues: { code: '' }, validate: { code: (v) => (v.trim() ? null : t.errors.missing) } })
  const known = (path: string) => path === 'code'
  const confirm = useMutation({
    mutationFn: (code: string) => answer(client.PUT('/api/v1/session/totp', { body: { code: code.trim() } })),
    onSuccess: (done) => onDone(done.recovery_codes ?? []),
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  return (
    <form onSubmit={form.onSubmit((v) => confirm.mutate(v.code))} noValidate>
      <Group align="flex-start" gap="lg">
        <div className="qr"><img src={`data:image/svg+xml,${encodeURIComponent(totp.qr_svg ?? '')}`} alt={t.security.totp.scan} /></div>
        <Stack gap="sm" maw={360}>
          <Text size="sm">{t.security.totp.scan}</Text>
          <div>
            <Text size="xs" c="dimmed">{t.security.totp.secret}</Text>
            <Group gap="xs"><Code className="wrap">{totp.secret}</Code><Copy text={totp.secret ?? ''} /></Group>
          </div>
          <TextInput label={t.security.totp.code} autoComplete="one-time-code" inputMode="numeric" maw={160} autoFocus {...form.getInputProps('code')} />
          <Trouble error={confirm.error && fieldErrors(confirm.error, known).rest} />
          <Group gap="xs">
            <Button type="submit" loading={confirm.isPending}>{t.security.totp.confirm}</Button>
            <Button variant="default" onClick={onCancel}>{t.common.cancel}</Button>
          </Group>
        </Stack>
      </Group>
    </form>
  )
}

function Copy({ text }: { text: string }) {
  const t = useTexts()
  return <CopyButton value={text}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{copied ? t.common.copied : t.common.copy}</Button>}</CopyButton>
}

function Recovery({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const t = useTexts()
  return (
    <Stack gap="sm" role="status">
      <div>
        <Title order={3}>{t.security.totp.recoveryTitle}</Title>
        <Text size="sm">{t.security.totp.recovery}</Text>
      </div>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={4} verticalSpacing={4}>{codes.map((c) => <Code key={c} fz="sm">{c}</Code>)}</SimpleGrid>
      <Group gap="xs">
        <Button onClick={onKept}>{t.security.totp.kept}</Button>
        <Copy text={codes.join('\n')} />
        <Button component="a" size="compact-xs" variant="default" download="recovery-codes.txt" href={`data:text/plain,${encodeURIComponent(codes.join('\n') + '\n')}`}>{t.security.totp.download}</Button>
      </Group>
    </Stack>
  )
}

function Stop({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = useTexts()
  const form = useForm({ initialValues: { password: '' }, validate: { password: (v) => (v ? null : t.errors.missing) } })
  const known = (path: string) => path === 'password'
  const stop = useMutation({
    mutationFn: (password: string) => answer(client.DELETE('/api/v1/session/totp', { body: { password } })),
    onSuccess: () => {
      notifications.show({ message: t.security.totp.stopped, closeButtonProps: { 'aria-label': t.common.close } })
      onDone()
    },
    onError: (e) => form.setErrors(fieldErrors(e, known).fields),
  })
  return (
    <Modal opened onClose={onClose} title={t.security.totp.stopTitle} closeButtonProps={{ 'aria-label': t.common.close }}>
      <form onSubmit={form.onSubmit((v) => stop.mutate(v.password))} noValidate>
        <Stack gap="sm">
          <Text size="sm">{t.security.totp.stopLead}</Text>
          <PasswordInput label={t.password.current} autoComplete="current-password" data-autofocus {...form.getInputProps('password')} />
          <Trouble error={stop.error && fieldErrors(stop.error, known).rest} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t.common.cancel}</Button>
            <Button type="submit" color="red" loading={stop.isPending}>{t.security.totp.stopSubmit}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
