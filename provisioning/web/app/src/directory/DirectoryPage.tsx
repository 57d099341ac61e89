import { ActionIcon, Anchor, CopyButton, Group, Tooltip } from '@mantine/core'
import { IconAddressBook, IconCheck, IconCopy } from '@tabler/icons-react'
import { directory, type Colleague } from '../api/collections'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'

const nameOf = (c: Colleague) => `${c.first_name ?? ''} ${c.last_name ?? ''}`.trim()

/** DirectoryPage is how everybody finds a colleague's number. */
export default function DirectoryPage() {
  const t = useTexts()
  const d = t.directory
  return (
    <ListPage all={directory} texts={d} icon={IconAddressBook} csv nameOf={nameOf}
      filters={[{ name: 'full_name', label: d.fields.name!, placeholder: d.search }, { name: 'department~', label: d.fields.department! }, { name: 'extension~', label: d.fields.extension! }]}
      columns={[
        { id: 'name', sort: 'last_name', label: d.fields.name!, cell: nameOf },
        { id: 'extension', sort: 'extension', label: d.fields.extension!, cell: (c) => <Number of={c} /> },
        { id: 'job_title', sort: 'job_title', label: d.fields.job_title!, cell: (c) => c.job_title },
        { id: 'department', sort: 'department', label: d.fields.department!, cell: (c) => c.department },
      ]}
    />
  )
}

/** Number is called with whatever the computer calls with, or copied. */
function Number({ of }: { of: Colleague }) {
  const t = useTexts()
  const number = of.extension ?? ''
  return (
    <Group gap={4} wrap="nowrap">
      <Anchor href={`tel:${number}`} size="sm" underline="always" aria-label={t.directory.call(nameOf(of), number)}>{number}</Anchor>
      <CopyButton value={number}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t.common.copied : t.common.copy}>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t.directory.copy(nameOf(of), number)} onClick={copy}>{copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}</ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}
