import { Alert, Anchor, Badge, Button, Checkbox, Group, Progress, Select, Stack, Switch, Table, Text, Title } from '@mantine/core'
import { IconCheck, IconFileTypeCsv, IconPlugConnectedX, IconUpload } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { answer, client } from '../api/client'
import { saveFile } from '../api/file'
import { Refusal } from '../api/problem'
import { Trouble } from '../shell/Trouble'
import { useSay, useTexts } from '../texts'
import { faultsOf, importFields, mappingOf, maxSize, upload, type Import, type Mapping } from './upload'

const running = (u?: Import) => u?.state === 'checking' || u?.state === 'importing'
const unanswered = (error: unknown) => error instanceof Refusal && error.status === 0

/** ImportPage takes a file of users in: upload, match the columns, check, import. */
export default function ImportPage() {
  const t = useTexts()
  const queries = useQueryClient()
  const [address, setAddress] = useSearchParams()
  const id = address.get('id') ?? ''
  const run = useMutation({
    mutationFn: (how: { mapping: Mapping; merge_duplicates: boolean; consent: boolean; dry_run: boolean }) =>
      answer(client.POST('/api/v1/imports/{id}/run', { params: { path: { id } }, body: how })),
    onSuccess: (up) => {
      queries.setQueryData(['import', id], up)
      if (up.state === 'done') void queries.invalidateQueries({ queryKey: ['users'] })
    },
    // It may have begun, or be over, all the same.
    onError: () => queries.invalidateQueries({ queryKey: ['import', id] }),
  })
  const busy = run.isPending
  const found = useQuery({
    queryKey: ['import', id], enabled: id !== '', retry: false,
    queryFn: () => answer(client.GET('/api/v1/imports/{id}', { params: { path: { id } } })),
    refetchInterval: (q) => (running(q.state.data) || busy || unanswered(q.state.error) ? 500 : false),
  })
  const [part, setPart] = useState(0)
  const send = useMutation({
    mutationFn: (file: File) => {
      if (file.size > maxSize) throw new Error(t.imports.large)
      setPart(0)
      return upload(file, setPart)
    },
    onSuccess: (up) => {
      queries.setQueryData(['import', up.id], up)
      setAddress({ id: up.id! })
    },
  })
  const cancel = useMutation({ mutationFn: () => answer(client.POST('/api/v1/imports/{id}/cancel', { params: { path: { id } } })) })
  const another = () => {
    run.reset()
    send.reset()
    setAddress({})
  }
  const lost = unanswered(found.error)
  const up = found.error && !lost ? undefined : found.data

  return (
    <Stack gap="md" maw={1100}>
      <div>
        <Title order={1}>{t.imports.title}</Title>
        <Text size="sm" c="dimmed">{t.imports.lead}</Text>
      </div>
      {!id && <Drop onFile={(f) => send.mutate(f)} busy={send.isPending} />}
      {send.isPending && <Bar label={t.imports.uploading} part={part} />}
      <Trouble error={unanswered(send.error) ? new Error(t.imports.lost) : send.error} />
      {lost
        ? <Alert role="status" color="orange" variant="outline" icon={<IconPlugConnectedX aria-hidden />}>{t.imports.waiting}</Alert>
        : <Trouble error={found.error instanceof Refusal && found.error.status === 404 ? new Error(t.imports.gone) : found.error} />}
      {id && (up || found.error) && (
        <Group gap="xs">
          {up && <Text fw={600}>{t.imports.file(up.file_name!, up.row_count!)}</Text>}
          <Button variant="default" size="xs" onClick={another} disabled={!lost && (busy || running(up))}>{t.imports.other}</Button>
        </Group>
      )}
      {up && up.state === 'done' && <Done up={up} />}
      {up && up.state !== 'done' && (
        <Steps key={up.id} up={up} lost={lost} busy={busy || running(up)} run={run.mutate} error={run.error} cancelling={cancel.isPending} onCancel={() => cancel.mutate()} />
      )}
    </Stack>
  )
}

function Drop({ onFile, busy }: { onFile: (f: File) => void; busy: boolean }) {
  const t = useTexts()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  return (
    <div className="drop" data-over={over || undefined}
      onDragOver={(e) => { e.preventDefault(); setOver(true) }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault()
        setOver(false)
        const [f] = e.dataTransfer.files
        if (f && !busy) onFile(f)
      }}>
      <IconFileTypeCsv size={40} stroke={1.2} aria-hidden />
      <Text fw={600}>{t.imports.drop}</Text>
      <Text size="sm" c="dimmed">{t.imports.limits}</Text>
      <Button leftSection={<IconUpload size={16} aria-hidden />} loading={busy} onClick={() => input.current?.click()}>{t.imports.choose}</Button>
      <input ref={input} type="file" accept=".csv,text/csv" hidden aria-label={t.imports.choose}
        onChange={(e) => {
          const f = e.currentTarget.files?.[0]
          e.currentTarget.value = ''
          if (f) onFile(f)
        }} />
    </div>
  )
}

function Bar({ label, part }: { label: string; part: number }) {
  return (
    <div>
      <Text size="sm" mb={4} role="status">{`${label}: ${Math.round(part * 100)} %`}</Text>
      <Progress value={part * 100} aria-label={label} />
    </div>
  )
}

type Run = (how: { mapping: Mapping; merge_duplicates: boolean; consent: boolean; dry_run: boolean }) => void

/** Steps are what stands between a file and its users. */
function Steps({ up, lost, busy, run, error, cancelling, onCancel }: { up: Import; lost: boolean; busy: boolean; run: Run; error: unknown; cancelling: boolean; onCancel: () => void }) {
  const t = useTexts()
  const [mapping, setMapping] = useState(() => mappingOf(up))
  const [merge, setMerge] = useState(up.mapping ? up.merge_duplicates === true : true)
  const [consent, setConsent] = useState(false)
  // What was checked, so that the sums are not those of another choice.
  const chosen = JSON.stringify([mapping, merge])
  const [checked, setChecked] = useState(up.mapping ? chosen : '')
  const { twice, noFirst } = faultsOf(mapping)
  const fits = twice.size === 0 && !noFirst
  const still = busy || lost
  const current = !still && checked === chosen
  const start = (dry_run: boolean) => {
    setChecked(chosen)
    run({ mapping, merge_duplicates: merge, consent, dry_run })
  }
  const choices = [{ value: '', label: t.imports.leaveOut }, ...importFields.map((f) => ({ value: f as string, label: t.users.fields[f] ?? f }))]
  const samples = (i: number) => (up.sample ?? []).map((r) => r.cells?.[i]).filter(Boolean).slice(0, 3).join(', ')
  const bad = current && (up.state === 'checked' || up.state === 'refused') ? up : null
  return (
    <>
      <section aria-labelledby="columns">
        <Title order={2} size="h4" id="columns" mb="xs">{t.imports.columns}</Title>
        <div className="scroll">
          <Table verticalSpacing={4}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t.imports.column}</Table.Th><Table.Th scope="col">{t.imports.field}</Table.Th><Table.Th scope="col">{t.imports.values}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {(up.columns ?? []).map((c, i) => (
                <Table.Tr key={i}>
                  <Table.Td fw={600}>{c.name || t.imports.unnamed(i + 1)}</Table.Td>
                  <Table.Td>
                    {c.name && (
                      <Select size="xs" w={200} data={choices} value={mapping[c.name] ?? ''} allowDeselect={false} searchable disabled={still} aria-label={`${t.imports.field}: ${c.name}`}
                        error={twice.has(c.name) && t.imports.twice} onChange={(v) => setMapping({ ...mapping, [c.name!]: v ?? '' })} />
                    )}
                  </Table.Td>
                  <Table.Td><Text size="sm" c="dimmed" truncate maw={360}>{samples(i)}</Text></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
        {noFirst && <Text size="sm" c="red" role="alert" mt={4}>{t.imports.needFirst}</Text>}
      </section>
      <Switch label={t.imports.duplicates} description={t.imports.duplicatesHint} checked={merge} disabled={still} onChange={(e) => setMerge(e.currentTarget.checked)} />
      {!still && up.state === 'cancelled' && <Text size="sm" role="status">{t.imports.cancelled}</Text>}
      {!still && up.state === 'interrupted' && <Alert role="status" color="orange" variant="outline" icon={<IconPlugConnectedX aria-hidden />}><Text size="sm" fw={600}>{t.imports.interrupted}</Text>{t.imports.runAgain}</Alert>}
      {!still && up.state !== 'interrupted' && unanswered(error) && <Text size="sm" role="status">{t.imports.wasLost}</Text>}
      <Trouble error={still || unanswered(error) ? null : error} />
      {busy && !lost ? (
        <Group align="flex-end" wrap="nowrap">
          <div style={{ flex: 1 }}><Bar label={up.state === 'checking' ? t.imports.checking : t.imports.importing} part={up.progress ?? 0} /></div>
          <Button variant="default" loading={cancelling} onClick={onCancel}>{t.imports.cancel}</Button>
        </Group>
      ) : (
        <Group><Button variant={bad && up.failed === 0 ? 'default' : 'filled'} disabled={!fits || lost} onClick={() => start(true)}>{t.imports.check}</Button></Group>
      )}
      {bad && (
        <Stack gap="sm">
          <Alert role="status" color={up.failed ? 'red' : 'teal'} variant="outline" title={up.state === 'refused' ? t.imports.refused : t.imports.sums(up.created!, up.skipped!, up.failed!)}>
            {up.failed! > 0 && t.imports.mend}
            {up.failed === 0 && up.created === 0 && t.imports.nobody}
            {' '}{up.report && <Report id={up.id!} />}
          </Alert>
          {up.failed === 0 && up.created! > 0 && (
            <>
              <Checkbox label={t.imports.consent} checked={consent} onChange={(e) => setConsent(e.currentTarget.checked)} />
              <Group><Button disabled={!consent} onClick={() => start(false)}>{t.imports.submit(up.created!)}</Button></Group>
            </>
          )}
        </Stack>
      )}
      <Rows up={up} problems={bad ? up.problems ?? [] : []} mapping={mapping} />
    </>
  )
}

/** Rows are those that need a look, each with what is wrong with it; else the first ones. */
function Rows({ up, problems, mapping }: { up: Import; problems: NonNullable<Import['problems']>; mapping: Mapping }) {
  const t = useTexts()
  const { say } = useSay()
  const rows = problems.length > 0 ? problems : up.sample ?? []
  const names = up.columns ?? []
  const title = problems.length > 0 ? t.imports.problems : t.imports.preview
  return (
    <section aria-labelledby="rows">
      <Group gap="xs" mb="xs" align="baseline">
        <Title order={2} size="h4" id="rows">{title}</Title>
        {problems.length > 0 && problems.length < (up.failed ?? 0) + (up.skipped ?? 0) && <Text size="xs" c="dimmed">{t.imports.first(problems.length)}</Text>}
      </Group>
      <div className="scroll" tabIndex={0} role="group" aria-label={title}>
        <Table verticalSpacing={4} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t.imports.row}</Table.Th>
              {problems.length > 0 && <><Table.Th scope="col">{t.imports.what}</Table.Th><Table.Th scope="col">{t.imports.why}</Table.Th></>}
              {names.map((c, i) => <Table.Th key={i} scope="col">{c.name || t.imports.unnamed(i + 1)}</Table.Th>)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((r) => (
              <Table.Tr key={r.row}>
                <Table.Td>{r.row}</Table.Td>
                {problems.length > 0 && (
                  <>
                    <Table.Td><Badge variant="outline" tt="none" color={r.action === 'failed' ? 'red' : 'gray'}>{t.imports.action[r.action ?? ''] ?? r.action}</Badge></Table.Td>
                    <Table.Td>{`${t.users.fields[r.field ?? ''] ?? r.field ?? ''}: ${say(r.words, r.reason) ?? ''}`}</Table.Td>
                  </>
                )}
                {names.map((c, i) => {
                  const wrong = r.action === 'failed' && r.field && c.name && mapping[c.name] === r.field
                  return <Table.Td key={i} className={wrong ? 'wrong' : undefined}>{r.cells?.[i] ?? ''}</Table.Td>
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  )
}

function Report({ id }: { id: string }) {
  const t = useTexts()
  const get = useMutation({
    mutationFn: async () => {
      const text = await answer(client.GET('/api/v1/imports/{id}/report', { params: { path: { id } }, parseAs: 'blob' }))
      saveFile(text as unknown as Blob, 'import-report.csv')
    },
  })
  return <><Anchor component="button" type="button" size="sm" underline="always" onClick={() => get.mutate()}>{t.imports.report}</Anchor><Trouble error={get.error} /></>
}

function Done({ up }: { up: Import }) {
  const t = useTexts()
  const title = useRef<HTMLDivElement>(null)
  useEffect(() => title.current?.focus(), [])
  return (
    <Stack gap="sm" ref={title} tabIndex={-1}>
      <Alert role="status" color="teal" variant="outline" icon={<IconCheck aria-hidden />} title={t.imports.done(up.created!)}>
        {up.skipped! > 0 && <Text size="sm">{t.imports.sums(0, up.skipped!, 0)}</Text>}
        {up.report ? <Report id={up.id!} /> : <Text size="sm">{t.imports.noReport}</Text>}
      </Alert>
      <Group>
        <Button component={Link} href="/users">{t.imports.toUsers}</Button>
        {up.revision! > 0 && <Button component={Link} href={`/revisions?undo=${up.revision}`} variant="default">{t.imports.undo}</Button>}
      </Group>
    </Stack>
  )
}
