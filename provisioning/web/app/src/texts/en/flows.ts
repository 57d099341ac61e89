/** Texts of call flows: the list, the drawing, the modules. */
export const nav = { callFlows: 'Call flows' }

const list = (all: string[]) => (all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`)
const seconds = (s: string) => (s ? ` for ${s} s` : '')

export const flows = {
  count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'call flow' : 'call flows'}`, lead: 'What happens to a call, step by step: opening hours, menus, groups, queues. Numbers lead into a flow.',
  add: 'Add call flow', create: 'New call flow', empty: 'No call flows yet', emptyHint: 'Add one, such as “Main number”, connect its modules, then assign a number to it.', first: 'First module', firstHint: 'Where calls begin; more are added on the flow’s page',
  name: 'Name', numbers: 'Numbers', noNumbers: 'No number yet', modules: 'Modules', people: 'Leads to', toNumbers: 'Assign numbers', back: 'All call flows', callsTo: 'Calls to',
  remove: (n: string) => `Delete ${n}?`, removeMeans: 'The flow and its modules go for good. Whoever forwards calls to it forwards them nowhere.', removed: (n: string) => `${n} was deleted`, conflict: 'Somebody else saved this flow after you opened it. What only one of you changed is kept. Choose which version of these stays:', takenOut: 'Taken out', changedHere: 'Changed', stays: 'Which version stays?', keepMine: 'Keep mine', allTheirs: 'Keep theirs everywhere',
  addModule: 'Add module', removeModule: 'Remove module', lastModule: 'A flow has at least one module.', discard: 'Discard changes', unsaved: 'Changes that are not saved', done: 'Done',
  view: 'Show as', drawing: 'Drawing', list: 'List', drawn: (n: string) => `Drawing of ${n}`, hint: 'Tab goes from module to module, Enter opens one.', module: (n: string) => `Module: ${n}`, title: 'Call flow',
  begins: 'Calls begin here', begin: 'Let calls begin here', settings: 'Settings', exits: 'Where it goes on', noExits: 'The call ends here.', nowhere: 'Nowhere yet: hangs up', existing: 'Modules of this flow', fresh: 'A new module', newOf: (kind: string) => `New: ${kind}`, ownExit: 'Another answer', addExit: 'Add answer', ownExitHint: 'As your program names it',
  todo: 'Still to do', todoNone: 'Every exit is connected.', unreached: 'No call comes here.', openExit: (exit: string) => `Nothing follows “${exit}”.`, noKeys: 'No key leads anywhere.',
  wants: { user_id: 'No user is chosen.', user_ids: 'Nobody is chosen.', time_schedule_id: 'No time schedule is chosen.', audio_file_id: 'No audio file is chosen.', number: 'There is no number.', url: 'There is no address.' } as Record<string, string>,
  refused: 'Not saved: some modules are not right yet.', gone: 'There is no such module any more', secretKeep: 'Leave it empty to keep the present one.', addPerson: 'Add a user', takePerson: (n: string) => `Take out: ${n}`,
  fields: { user_id: 'User', user_ids: 'Users', time_schedule_id: 'Time schedule', audio_file_id: 'Audio file', timeout_s: 'Longest wait (s)', attempts: 'Attempts', ring_s: 'Seconds to ring', order: 'Who rings', max_callers: 'Most callers waiting', number: 'Number', name: 'Name shown', url: 'Address', secret: 'Signing secret' } as Record<string, string>,
  hints: { 'menu.audio_file_id': 'Says which key does what', 'queue.audio_file_id': 'Heard while waiting', 'voicemail.audio_file_id': 'Empty: the usual greeting', 'directory.audio_file_id': 'Empty: the usual prompt', number: 'As a user would dial it', url: 'Your program answers where the call goes on' } as Record<string, string>,
  orders: { all: 'Everybody at once', in_turn: 'One after another' } as Record<string, string>,
  kinds: { time_router: 'Time router', announcement: 'Announcement', menu: 'Voice menu', user: 'User', ring_group: 'Ring group', queue: 'Queue', external: 'Number', voicemail: 'Voicemail', directory: 'Directory', set_caller: 'Caller’s name', webhook: 'Webhook', hang_up: 'Hang up' } as Record<string, string>,
  exitNames: { open: 'open', closed: 'closed', next: 'then', timeout: 'waited too long', invalid: 'wrong key', unavailable: 'not available', no_answer: 'no answer', full: 'full', empty: 'nobody there', failed: 'failed', not_found: 'not found', keys: 'keys' } as Record<string, string>,
  says: {
    time_router: (what: string) => `By ${what}`, announcement: (what: string) => `Plays ${what}`, menu: (what: string) => (what ? `Plays ${what}, waits for a key` : 'Waits for a key'),
    user: (who: string) => `Rings ${who}`, ring_group: (who: string[], s: string, turn: boolean) => `Rings ${list(who)}${turn ? ' in turn' : ''}${seconds(s)}`, queue: (who: string[], s: string) => `Callers wait for ${list(who)}${s ? `, at most ${s} s` : ''}`,
    external: (n: string, s: string) => `Calls ${n}${seconds(s)}`, voicemail: (who: string) => `Mailbox of ${who}`, directory: 'Callers spell a name', set_caller: (what: string) => (what ? `Shows ${what}` : 'Changes nothing yet'), webhook: (host: string) => `Asks ${host}`, hang_up: 'The call ends',
    nothing: 'Not set up yet',
  },
}
