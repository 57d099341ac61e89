import type { BaseLocationHook } from 'wouter'
import { useBrowserLocation } from 'wouter/use-browser-location'

let asks: ((go: () => void) => void) | undefined

/** askBefore has whoever is asked decide when a link leads away, until it is taken back. */
export function askBefore(ask: (go: () => void) => void): () => void {
  asks = ask
  return () => {
    if (asks === ask) asks = undefined
  }
}

/** useAskedLocation is the browser's address, which changes only once nobody asks to stay. */
export const useAskedLocation: BaseLocationHook = () => {
  const [at, go] = useBrowserLocation()
  return [at, (to: string, options?: Parameters<typeof go>[1]) => (asks ? asks(() => go(to, options)) : go(to, options))]
}
