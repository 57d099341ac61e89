import { ActionIcon, AppShell, Badge, Burger, Group, Menu, NavLink, ScrollArea, Text } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { IconBook2, IconUserCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import type { Session } from '../api/session'
import { useTexts } from '../texts'
import { AccountMenu } from './AccountMenu'
import { groups, pages, type Page } from './pages'

// What a fresh store calls its one company, until somebody says its name.
const unnamed = 'default'

/** Shell is what stands around every page: whose exchange it is, where one can go, who one is. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const t = useTexts()
  const [open, { toggle, close }] = useDisclosure(false)
  const [path] = useLocation()
  useHotkeys([['/', () => document.querySelector<HTMLInputElement>('[data-search]')?.focus()], ['Escape', close]])

  return (
    <AppShell header={{ height: 48 }} navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !open } }} padding="md">
      <a className="skip" href="#main">
        {t.skip}
      </a>
      <AppShell.Header px="sm">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap" miw={0}>
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t.menu} aria-expanded={open} />
            <div className="brand">
              <img src="/icon.svg" alt="" width={22} height={22} />
              <Text fw={600} truncate>
                {session.organization.name === unnamed ? 'strowger' : session.organization.name}
              </Text>
            </div>
          </Group>
          <Menu position="bottom-end" width={230} withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.account.open}>
                <IconUserCircle aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <AccountMenu session={session} />
          </Menu>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t.nav.main} visibleFrom={open ? undefined : 'sm'}>
        <AppShell.Section grow component={ScrollArea}>
          {groups.map((group) => {
            const here = pages.filter((p) => p.group === group && p.roles.includes(session.role))
            return here.length > 0 && (
              <section key={group} aria-labelledby={`nav-${group}`}>
                <Text id={`nav-${group}`} size="xs" c="dimmed" fw={600} px="sm" pt="xs">{t.nav.groups[group]}</Text>
                {here.map((p) => <Way key={p.path} page={p} current={path === p.path || path.startsWith(p.path + '/')} onClick={close} />)}
              </section>
            )
          })}
        </AppShell.Section>
        <AppShell.Section>
          <NavLink href="/api/docs" label={t.nav.docs} leftSection={<IconBook2 size={18} aria-hidden />} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className="main">
        {children}
      </AppShell.Main>
    </AppShell>
  )
}

const nothingNew = () => ''

/** Way is a page in the navigation, with what there is new of it. */
function Way({ page: { path, label, icon: Icon, useNews = nothingNew }, current, onClick }: { page: Page; current: boolean; onClick: () => void }) {
  const t = useTexts()
  const news = useNews()
  return (
    <NavLink component={Link} href={path} label={label?.(t)} leftSection={Icon && <Icon size={18} aria-hidden />} active={current} aria-current={current ? 'page' : undefined} onClick={onClick} className="nav"
      rightSection={news && <Badge size="sm" tt="none" aria-label={t.inbox.unread(news)}>{news}</Badge>} />
  )
}
