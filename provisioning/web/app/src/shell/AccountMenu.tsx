import { Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { notifications } from '@mantine/notifications'
import { IconCheck, IconLogout, IconShieldLock } from '@tabler/icons-react'
import { Link } from 'wouter'
import { accessQuery, signedOut, signOut, type Session } from '../api/session'
import { languages, useLanguage } from '../texts'
import { useWordsFor } from './Trouble'

/** AccountMenu holds what one decides for oneself: language, light or dark, and to leave. */
export function AccountMenu({ session }: { session?: Session }) {
  const { texts: t, language, choose } = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const queries = useQueryClient()
  const wordsFor = useWordsFor()
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      queries.setQueryData(accessQuery.queryKey, signedOut)
      queries.removeQueries({ predicate: (q) => q.queryKey[0] !== accessQuery.queryKey[0] })
    },
    onError: (e) => notifications.show({ color: 'red', message: wordsFor(e) }),
  })
  const schemes: [MantineColorScheme, string][] = [['auto', t.account.system], ['light', t.account.light], ['dark', t.account.dark]]
  const tick = (on: boolean) => (on ? <IconCheck size={16} aria-hidden /> : null)
  return (
    <Menu.Dropdown>
      {session && <Menu.Label>{`${session.first_name} ${session.last_name}`.trim() || session.login}</Menu.Label>}
      {session && (
        <Menu.Item component={Link} href="/security" leftSection={<IconShieldLock size={16} aria-hidden />}>
          {t.security.menu}
        </Menu.Item>
      )}
      {session && (
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => leave.mutate()}>
          {t.account.signOut}
        </Menu.Item>
      )}
      {session && <Menu.Divider />}
      <Menu.Label>{t.account.appearance}</Menu.Label>
      {schemes.map(([scheme, label]) => (
        <Menu.Item key={scheme} closeMenuOnClick={false} aria-current={colorScheme === scheme} onClick={() => setColorScheme(scheme)} rightSection={tick(colorScheme === scheme)}>
          {label}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Label>{t.account.language}</Menu.Label>
      {languages.map(({ value, label }) => (
        <Menu.Item key={value} lang={value} closeMenuOnClick={false} aria-current={language === value} onClick={() => choose(value)} rightSection={tick(language === value)}>
          {label}
        </Menu.Item>
      ))}
    </Menu.Dropdown>
  )
}
