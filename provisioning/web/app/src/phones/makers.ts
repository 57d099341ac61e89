/** makers are the makers of desk phones, as they write themselves. */
export const makers: Record<string, string> = { yealink: 'Yealink', grandstream: 'Grandstream', snom: 'Snom', poly: 'Poly', cisco: 'Cisco', fanvil: 'Fanvil' }

/** spelled writes a hardware address as it is printed on phones. */
export const spelled = (mac: string) => mac.replace(/(..)(?=.)/g, '$1:')

/** phoneName is what a desk phone is called: its label, else its hardware address. */
export const phoneName = (x: { label?: string | undefined; mac?: string | undefined }) => x.label || spelled(x.mac ?? '')
