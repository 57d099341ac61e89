/** Fields that no form has, as the list of changes calls them. */
export const fields = {
  domain: 'SIP domain', realm: 'Realm', private_destinations: 'Private addresses that deliveries may go to',
  'routing.contact_method_ids': 'Contact methods that ring', invitation: 'Invitation', sent: 'Invitation sent', expires: 'Invitation expires', delivery: 'Delivery of the invitation',
  sign: 'Fingerprint', username: 'SIP user name', password: 'SIP password', kind: 'Kind',
  inside: (group: string, field: string) => `${group}: ${field}`,
}
