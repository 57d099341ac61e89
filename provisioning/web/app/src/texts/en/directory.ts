export const directory = {
  title: 'Directory', count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'person' : 'people'}`, table: 'Colleagues', search: 'Search by name',
  empty: 'Nobody has an internal number yet', emptyHint: 'People appear here once an administrator has given them a line with an internal number.',
  fields: { name: 'Name', extension: 'Internal number', job_title: 'Job title', department: 'Department' } as Record<string, string>,
  call: (who: string, number: string) => `Call ${who}, ${number}`, copy: (who: string, number: string) => `Copy the number of ${who}, ${number}`,
}
