import { ActionIcon, Menu } from '@mantine/core'
import { IconDotsVertical } from '@tabler/icons-react'
import { useTexts } from '../texts'

/** An Action is something that can be done with a row; a red one takes something away. */
export interface Action {
  label: string
  onClick: () => void
  red?: boolean
  /** Why it cannot be done now. */
  cannot?: string
}

/** RowMenu offers what can be done with a row, named by what the row is called in a sentence. */
export function RowMenu({ name, actions }: { name: string; actions: Action[] }) {
  const t = useTexts()
  if (actions.length === 0) return null
  const item = (a: Action) => (
    <Menu.Item key={a.label} disabled={Boolean(a.cannot)} {...(a.red && { c: 'var(--mantine-color-error)' })} onClick={a.onClick}>
      {a.label}
      {a.cannot && <div className="why">{a.cannot}</div>}
    </Menu.Item>
  )
  const red = actions.filter((a) => a.red)
  return (
    <Menu position="bottom-end" withinPortal width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t.list.actionsOf(name)}><IconDotsVertical size={16} aria-hidden /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.filter((a) => !a.red).map(item)}
        {red.length > 0 && red.length < actions.length && <Menu.Divider />}
        {red.map(item)}
      </Menu.Dropdown>
    </Menu>
  )
}
