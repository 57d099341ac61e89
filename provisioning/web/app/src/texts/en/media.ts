/** Texts of schedules, audio files, deliveries and the company settings. */
export const nav = { schedules: 'Time schedules', audio: 'Audio files', methods: 'Delivery methods', deliveries: 'Deliveries', company: 'Company settings' }

export const media = {
  schedules: {
    count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'schedule' : 'schedules'}`, removed: (n: string) => `${n} was deleted`,
    lead: 'When people and lines can be reached. Outside these hours a call goes where the line says.', add: 'Add schedule', create: 'New time schedule', edit: (n: string) => `Edit ${n}`,
    remove: (n: string) => `Delete ${n}`, removeLead: 'The schedule goes for good. One that something still uses is not deleted, and you are told what uses it.',
    empty: 'No schedules yet', emptyHint: 'Make one such as “Office hours”, then choose it on a user or a line.',
    name: 'Name', zone: 'Time zone', zoneHint: (home: string) => `If empty, the company’s: ${home}`, week: 'Week', weekOf: (n: string) => `The week of ${n}`, now: 'Now', open: 'Open', closed: 'Closed',
    weekHint: 'Type 9, 930 or 17:00. An end before its start passes midnight; all day is 00:00 to 24:00.', exceptions: 'Exceptions', exceptionsHint: 'Holidays and other dates. The hours of a date take the place of its weekday’s; without hours it is closed.',
    days: { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' } as Record<string, string>,
    hours: 'Hours', addRange: (of: string) => `Add hours on ${of}`, removeRange: (of: string, n: number) => `Remove hours ${n} on ${of}`, from: (of: string, n: number) => `${of}, hours ${n} from`, to: (of: string, n: number) => `${of}, hours ${n} to`,
    copyOf: (day: string) => `Copy ${day} to…`, toWeekdays: 'Monday to Friday', toAll: 'Every day', addDate: 'Add date', date: (n: number) => `Date ${n}`, removeDate: (d: string) => `Remove ${d}`,
    badTime: 'A time is not one such as 08:30, or a start is its own end.', badDate: 'A date is missing.',
  },
  audio: {
    count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'sound' : 'sounds'}`, removed: (n: string) => `${n} was deleted`,
    lead: 'Greetings, announcements and music. Drop a file anywhere on this page.', add: 'Add audio', empty: 'No audio files yet', emptyHint: 'Upload a greeting or record one here, then choose it on a line or in the company settings.',
    name: 'Name', length: 'Length', listen: 'Listen', play: (n: string) => `Play ${n}`, rename: (n: string) => `Rename ${n}`, remove: (n: string) => `Delete ${n}`,
    removeLead: 'The sound goes for good. One that something still plays is not deleted, and you are told what plays it.',
    source: 'Where the sound comes from', fromFile: 'A file', fromMicrophone: 'Microphone', drop: 'Drop a sound file here, or', choose: 'Choose a file', forms: 'WAV, MP3, OGG, FLAC or M4A, at most 20 MB and half an hour',
    chosen: (n: string, mb: string) => `${n}, ${mb} MB`, preview: 'Listen before it is saved', tooLarge: (n: string) => `${n} is larger than 20 MB.`, emptyFile: (n: string) => `${n} is empty.`, progress: 'Upload', converting: 'Being read…',
    record: 'Record', stop: 'Stop', recordHint: 'Speak after you press the button. You can listen before it is saved.', level: 'Loudness', recordingName: 'Recording',
    denied: 'The browser may not use the microphone. Allow it at the lock beside the address, then press Record again.', noMicrophone: 'No microphone is connected.', busyMicrophone: 'The microphone cannot be used; another program may have it.',
    noRecorder: 'This browser cannot record here: it needs HTTPS, or a newer version. Upload a file instead.', unreadable: 'The recording could not be read. Try again.',
  },
  deliveries: {
    count: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'method' : 'methods'}`, removed: (n: string) => `${n} was deleted`,
    countJobs: (n: number, more: boolean) => `${n}${more ? '+' : ''} ${n === 1 && !more ? 'delivery' : 'deliveries'}`, noJobs: 'Nothing is on its way', noJobsHint: 'What is recorded next, and every mail, stands here until it has arrived.', noneFound: 'None of these', noneFoundHint: 'Nothing is in this state. Clear the filter to see all.',
    said: 'What came of it', discard: 'Discard…', discardSubmit: 'Discard', discarded: 'The delivery was discarded',
    lead: 'Where recordings and voicemails are sent, beside being kept here.', add: 'Add method', create: 'New delivery method', edit: (n: string) => `Edit ${n}`, remove: (n: string) => `Delete ${n}`,
    removeLead: 'Nothing is sent there any more. One that a line still uses is not deleted, and you are told which.', empty: 'No delivery methods yet', emptyHint: 'Add one, try it, then choose it on the lines that are recorded.',
    name: 'Name', kind: 'Kind', where: 'Where', settings: 'Settings', test: 'Test', testOf: (n: string) => `Test ${n}`, arrived: (where: string, ms: number) => `It arrived: ${where} (${ms} ms)`, madeTitle: (name: string) => `Secret of ${name}`, madeLead: 'Whoever receives the events checks their signature with it. Copy it now: it is not shown again.', keep: 'Leave it empty to keep the present one.',
    publicOnly: 'Only public addresses are reached, unless an operator allows private ones for the organization.',
    kinds: { disk: 'Disk', email: 'Email', sftp: 'SFTP', s3: 'S3', webdav: 'WebDAV', webhook: 'Webhook' } as Record<string, string>,
    kindHints: {
      disk: 'A folder in the exchange’s data directory, where another disk may be mounted.', email: 'The audio as an attachment, by the mail server of the company settings.', sftp: 'A server that takes files over SSH.',
      s3: 'Amazon S3 or anything that speaks like it.', webdav: 'Nextcloud, ownCloud and other WebDAV servers.', webhook: 'A signed POST to your own program (Standard Webhooks).',
    } as Record<string, string>,
    fields: {
      path: 'Folder', to: 'To', subject: 'Subject', format: 'Audio as', max_mb: 'At most (MB)', host: 'Host', port: 'Port', username: 'User name', password: 'Password', private_key: 'Private key', passphrase: 'Passphrase of the key', host_key: 'Host key',
      endpoint: 'Endpoint', bucket: 'Bucket', region: 'Region', prefix: 'Prefix', path_style: 'Bucket in the path', access_key_id: 'Access key', secret_access_key: 'Secret key', session_token: 'Session token', url: 'Address', content: 'Content', base_url: 'Address of this exchange', secret: 'Signing secret',
    } as Record<string, string>,
    hints: {
      to: 'One or more, separated by commas', max_mb: 'Larger ones are not mailed; 15 if empty', port: 'If empty, the usual one', host_key: 'SHA256:… or ssh-ed25519 AAAA…; pinned at the first connection if empty', 'disk.path': 'Such as archive/calls', 'sftp.path': 'On the server',
      endpoint: 'Such as https://s3.eu-central-1.amazonaws.com', 'webdav.url': 'Such as https://cloud.example.com/remote.php/dav/files/me/calls', subject: 'If empty, who called whom and when', base_url: 'For links to the audio, such as https://pbx.example.com',
    } as Record<string, string>,
    choices: { 'format.wav': 'WAV', 'format.mp3': 'MP3: a tenth of the size', 'path_style.true': 'Yes', 'path_style.false': 'No', 'content.link': 'A link to the audio', 'content.audio': 'The audio itself' } as Record<string, string>,
    outboxLead: 'Everything that is on its way out: recordings, voicemails and mail. A delivery is tried for three days, then waits here for you.', state: 'State',
    states: { dead: 'Failed', queued: 'Waiting', done: 'Sent' } as Record<string, string>,
    since: 'Since', what: 'What', method: 'Method', attempts: 'Tries', nextTry: 'Next try', mailServer: 'Mail server', jobs: { recording: 'Recording', voicemail: 'Voicemail', mail: 'Mail' } as Record<string, string>,
    retry: 'Retry', retryOf: (w: string) => `Retry ${w}`, discardTitle: 'Discard this delivery?', discardLead: 'It is not tried any more. The recording stays on the exchange, and says who discarded its delivery.',
  },
  company: {
    identity: 'Company', mainNumber: 'Main number', mainNumberHint: 'Numbers that nobody has', destinationHint: 'What answers it, as a user would dial it', sounds: 'Company voicemail and music',
    toAudio: 'Audio files', standard: 'The standard greeting', silence: 'Silence', rules: 'Default rules', ringHint: 'Before a call is taken as unanswered', rangeHint: 'New extensions come from here', maxCallsHint: 'At the same time; 0: no limit', emergencyHint: 'Always pass, whatever a line may call',
    billing: 'Billing contact', mail: 'Mail server', mailHint: 'Sends invitations, recordings and alarms. Without a host, the operator’s is used.', fromHint: 'An address, or a name and an address in <>', portHint: '0: the usual one', keep: 'Leave it empty to keep the present one.',
    tls: { starttls: 'STARTTLS', tls: 'TLS from the start', none: 'Not encrypted' }, testTo: 'Send a test mail to', test: 'Send test mail', saveFirst: 'Save first: the test uses what is saved.', mailed: (where: string) => `Sent: ${where}`,
    retention: 'Retention', retentionHint: 'What is older is deleted for good, an hour after it is due at the latest; the audit log keeps that it was. What still waits to be delivered stays.', days: ' days', daysHint: '0: kept for ever',
    retentionWarning: 'Everything that is older than this goes within the hour, and nobody can bring it back.', retentionTick: 'I want what is older to be deleted', discard: 'Discard changes',
    fields: {
      name: 'Name', country: 'Country', time_zone: 'Time zone', language: 'Language', main_number: 'Main number', main_destination: 'Answered by', 'voicemail.enabled': 'Company voicemail', 'voicemail.greeting_audio_id': 'Greeting', 'voicemail.email': 'Announce messages to',
      music_on_hold_audio_id: 'Music on hold', ring_timeout_s: 'Seconds to ring', extension_range: 'Extension range', max_calls: 'Most calls', emergency_numbers: 'Emergency numbers', 'billing_contact.name': 'Name', 'billing_contact.email': 'Email', 'billing_contact.phone': 'Phone',
      'mail.host': 'Host', 'mail.from': 'Sender', 'mail.tls': 'Encryption', 'mail.port': 'Port', 'mail.username': 'User name', 'mail.password': 'Password', 'retention.recording_days': 'Recordings', 'retention.voicemail_days': 'Voicemails', 'retention.call_days': 'Call records',
    } as Record<string, string>,
  },
}
