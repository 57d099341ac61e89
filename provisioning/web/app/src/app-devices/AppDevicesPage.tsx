import { Anchor, Text } from '@mantine/core'
import { IconDeviceMobile } from '@tabler/icons-react'
import { Link } from 'wouter'
import { appDevices } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { ListPage } from '../list/ListPage'
import { timeOf } from '../list/time'
import { useTexts } from '../texts'
import { UserName } from '../users/UserSelect'

/** AppDevicesPage is the apps that were activated, and whose each is. */
export default function AppDevicesPage() {
  const t = useTexts()
  const a = t.appDevices
  return (
    <ListPage all={appDevices} texts={a} icon={IconDeviceMobile} csv nameOf={(x) => x.name || x.username || x.id} removeLabel={a.remove}
      lead={<Text size="sm" c="dimmed" maw={720}>{a.lead} <Anchor component={Link} href="/users" underline="always">{a.toUsers}</Anchor></Text>}
      filters={[
        { name: 'name~', label: a.fields.name!, placeholder: a.search },
        { name: 'user_id', label: a.fields.user_id!, user: true },
        { name: 'os~', label: a.fields.os! },
        { name: 'app_version~', label: a.fields.app_version! },
      ]}
      columns={[
        { id: 'name', sort: 'name', label: a.fields.name!, cell: (x) => x.name || x.username },
        { id: 'user_id', sort: 'user_id', label: a.fields.user_id!, cell: (x) => <UserName id={x.user_id ?? ''} /> },
        { id: 'os', sort: 'os', label: a.fields.os!, cell: (x) => x.os },
        { id: 'app_version', sort: 'app_version', label: a.fields.app_version!, cell: (x) => x.app_version },
        { id: 'created_at', sort: 'created_at', label: a.fields.created_at!, cell: (x) => timeOf(x.created_at) },
      ]}
      remove={(x, close) => <DeleteDialog title={a.removeTitle(x.name || x.username || x.id)} means={a.removeMeans} submit={a.removeSubmit} done={a.removed(x.name || x.username || x.id)} remove={() => appDevices.remove(x.id)} onClose={close} />}
    />
  )
}
