export const edit = {
  removeNone: 'Nothing else depends on it.', removeLead: 'This goes or changes with it:', removeTick: 'I am aware that this goes or changes too',
  leaveTitle: 'Leave without saving?', leave: 'Your changes on this page are not saved yet. They are lost when you leave.', leaveSubmit: 'Leave', stay: 'Stay here',
  messages: (n: number) => `${n} ${n === 1 ? 'message' : 'messages'}`,
  what: {
    contact_methods: 'Contact method', app_devices: 'App device', numbers: 'Number', internal_numbers: 'Internal number', devices: 'Desk phone', call_flows: 'Call flow', voicemails: 'Voicemail', tokens: 'API token',
    users: 'User', trunks: 'Trunk', organizations: 'Company', time_schedules: 'Time schedule', audio_files: 'Audio file', delivery_methods: 'Delivery method', feature_codes: 'Feature code', plans: 'Plan',
  } as Record<string, string>,
}
