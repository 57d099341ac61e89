/** What is said to people about their own lines and phones. */
export const own = {
  calls: 'Calls for me', forward: 'Call forwarding', forwardNumber: 'Forward to', forwardHint: 'One number outside. All your devices still ring; whoever answers there must press 1 to take the call.', forwardOn: 'Forward calls', forwardMissing: 'Type the number first',
  disturb: 'Do not disturb', disturbHint: 'No phone of yours rings; callers get what “when unavailable” says.', lines: 'My lines', noLines: 'You have no line yet. Your administrator makes one.',
  when: 'When I do not answer', to: 'Forward to', toHint: 'As you would dial it', callerId: 'Number that others see', callerIdNone: 'The company’s number', anonymous: 'Call anonymously', devices: 'My app devices', noDevices: 'No app is activated. Ask for an invitation.',
  removeDevice: (name: string) => `Remove ${name}`, removeTitle: 'Remove this device?', removeLead: (name: string) => `${name} is signed out at once and rings no more. To use it again you need a new invitation.`, added: 'added', about: 'About me', kinds: { app: 'App', sip_account: 'Phone', pstn_forwarding: 'Telephone outside', sip_forwarding: 'SIP address' } as Record<string, string>,
  personal: 'My settings', languageHint: 'Of your pages, phones and mail. What you choose in the menu of this browser goes before it here.', pinHint: '4 to 12 digits; not shown again. Leave it empty to keep the present one.',
}
