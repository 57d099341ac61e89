/** What is said in the inbox. */
export const inbox = {
  title: 'Inbox', mine: 'Mine', company: 'The company', whose: 'Whose', tabs: { voicemail: 'Voicemail', missed: 'Missed calls', recordings: 'Recordings', messages: 'Messages' },
  unread: (n: string) => `${n} new`, onlyUnread: 'Only new ones', of: (who: string) => `for ${who}`,
  voicemailEmpty: 'No messages', voicemailEmptyHint: 'Whoever is not reached and has voicemail gets the callers’ messages here.',
  missedEmpty: 'No missed calls', missedEmptyHint: 'Calls that nobody answered stand here.',
  recordingsEmpty: 'No recordings', recordingsEmptyHint: 'Which calls are recorded is set on each line.',
  messagesEmpty: 'Messages are not there yet', messagesEmptyHint: 'Texts between users and from outside will stand here. The exchange does not carry them yet.',
  markRead: 'Mark as heard', markUnread: 'Mark as new', isNew: 'New', hand: 'Hand to somebody …', handTitle: 'Hand this message to somebody', handLead: (who: string) => `The message from ${who} moves to the inbox of whom you choose, as a new one.`, handTo: 'To', handSubmit: 'Hand over', handed: 'Handed over', choose: 'Choose somebody',
  remove: 'Delete …', removeTitle: 'Delete this message?', removeLead: (who: string) => `The message from ${who} is deleted for good.`, removeRecordingTitle: 'Delete this recording?', removeRecordingLead: (who: string) => `The recording of the call ${who} is deleted for good. What was delivered elsewhere stays there.`, removed: 'Deleted',
  from: (who: string) => `Message from ${who}`, notReady: (state: string) => `Nothing to hear: ${state}`, states: { expected: 'it never began', capturing: 'it is being taken right now', failed: 'it failed' } as Record<string, string>,
  actions: (who: string) => `Actions for ${who}`, play: (what: string) => `Play: ${what}`, toCall: 'The call', list: 'What came in, newest first',
}
