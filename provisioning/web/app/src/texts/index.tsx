import { useQuery } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import type { Schemas } from '../api/client'
import { accessQuery, type Session } from '../api/session'
import { de } from './de'
import { en, type Texts } from './en'
import { es } from './es'
import { sayingsIn, sentence, summaryIn } from './words'

const catalogues: Record<string, Texts> = { en, de, es }
export const languages = Object.keys(catalogues).map((value) => ({ value, label: catalogues[value]!.name }))

/** languagesWith are the languages to choose from, and the one that is stored, whichever that is. */
export const languagesWith = (stored?: string) => (!stored || stored in catalogues ? languages : [...languages, { value: stored, label: stored }])

const key = 'strowger-language'

/** preferred is the first language that somebody wants and we have; English if none. */
export function preferred(...wanted: (string | null | undefined)[]): string {
  for (const w of wanted) {
    const short = w?.slice(0, 2).toLowerCase() ?? ''
    if (short in catalogues) return short
  }
  return 'en'
}

/** spoken is the language of the pages: what was chosen in this browser, the user's own, the browser's, the organization's. */
export const spoken = (chosen: string | null, session: Pick<Session, 'language' | 'organization'> | null | undefined, browser: readonly string[]) =>
  preferred(chosen, session?.language, ...browser, session?.organization.language)

const Language = createContext<{ language: string; choose: (language: string) => void; texts: Texts }>({ language: 'en', choose: () => {}, texts: en })

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useState(() => localStorage.getItem(key))
  const { data } = useQuery(accessQuery)
  const language = spoken(chosen, data?.session, navigator.languages)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const choose = (next: string) => {
    localStorage.setItem(key, next)
    setChosen(next)
  }
  return <Language value={{ language, choose, texts: catalogues[language]! }}>{children}</Language>
}

export const useLanguage = () => useContext(Language)
export const useTexts = () => useContext(Language).texts

/** useSay puts what the exchange says in English, and revisions' summaries, into the language of the pages. */
export function useSay() {
  const { language } = useLanguage()
  const { data } = useQuery({ queryKey: ['sayings', language], queryFn: () => sayingsIn(language), staleTime: Infinity })
  return {
    say: (words: Schemas['Words'] | undefined, english: string | undefined) => (data && words?.text ? sentence(words, data) : english),
    summary: (english: string) => (data ? summaryIn(english, data) : english),
  }
}
