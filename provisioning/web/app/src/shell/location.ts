import type { BaseLocationHook } from 'wouter'
import { useLocationProperty } from 'wouter/use-browser-location'
import { Tab, type Ask } from './leaving'

const tab = new Tab(window)

/** askBefore has whoever is asked decide when something leads to another page, until it is taken back. */
export const askBefore = (ask: Ask) => tab.askBefore(ask)

const go: Tab['go'] = (to, options) => tab.go(to, options)

/** useAskedLocation is the browser's address, which changes only once nobody asks to stay. */
export const useAskedLocation: BaseLocationHook = () => [useLocationProperty(() => tab.place.pathname), go]
useAskedLocation.searchHook = () => useLocationProperty(() => tab.place.search)
