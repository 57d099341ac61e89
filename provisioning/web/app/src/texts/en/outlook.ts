/** What is said of what would happen to a call. */
export const outlook = {
  simulator: 'Simulator', simulatorLead: 'Asks the exchange what it would do with a call, and why. Nobody’s phone rings.', title: 'What happens to a call', willRing: 'Will ring now', wontRing: 'Will not ring now',
  reasons: { no_line: 'no number or line leads here', do_not_disturb: 'do not disturb is on', closed: 'the time schedule is closed', not_registered: 'no phone is registered', refused: 'the call is not put through to a phone' } as Record<string, string>,
  when: { now: 'Now', night: 'At night, 3 o’clock' } as Record<string, string>, sides: { inside: 'from a colleague', outside: 'from outside' } as Record<string, string>, calls: (to: string, side: string) => `A call to ${to} ${side}`,
  from: 'Who calls', fromHint: 'An extension, a SIP user name or a number of ours', outsideHint: 'The caller’s number with country code; empty: withheld', to: 'Whom', toHint: 'As it would be dialled', at: 'When', atHint: 'Empty: now', inside: 'Inside', outside: 'Outside', where: 'The caller is', trunk: 'Through', ask: 'Ask', noTrunks: 'There is no trunk that a call from outside could come through.',
  answer: 'The answer', becauseOf: 'Why', statusOf: (n: number) => `The caller would be answered ${n}`, flow: 'The way of the call, step by step', caller: 'Caller', targets: { line: 'Phone', trunk: 'Outside', uri: 'SIP address', voicemail: 'Voicemail', service: 'Feature' } as Record<string, string>,
  causes: { 'at once': 'at once', declined: 'if declined', busy: 'if busy', 'no answer': 'if nobody answers', failed: 'if it fails', absent: 'if nobody is there', closed: 'if closed', 'do not disturb': 'if not to be disturbed' } as Record<string, string>,
  seconds: (n: number) => `for ${n} s`, recorded: 'recorded', refusedEnd: 'The call is refused', through: (who: string) => `through ${who}`,
}
