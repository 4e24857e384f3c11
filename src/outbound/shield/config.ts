// The shield mailbox: mail from outside to an alias, taken in by the gateway, stripped by policy and handed to the CRM's mailbox.
import { AddressRange, Duration, FilePath, Optional, Secret, Section, Size, Type, type Static } from '../../shared/schema.ts'

const local = '[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]{1,64}'
const domain = '[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?'
const Address = (description: string) => Type.String({ pattern: `^${local}@${domain}$`, description })
const Words = <const W extends readonly string[]>(words: W, options: { description: string, default?: W[number] }) => Type.Unsafe<W[number]>({ ...options, anyOf: words.map(word => ({ const: word, type: 'string' })) })

const AliasSection = Section({
  name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$', description: 'Short name, as it stands in the trail and in the metrics.' }),
  address: Address('The address that people outside write to.'),
  mailbox: Address('The CRM\'s mailbox that it stands for, as the server of outbound.shield.mailbox knows it.'),
  action: Words(['redact', 'notice', 'hold'], {
    default: 'redact', description: 'redact: the CRM gets the mail without what the policy takes out; notice: the mail lies in the quarantine and the CRM is told so; hold: it lies there, and nothing goes.',
  }),
  policy: FilePath({ description: 'The redaction policy (docs/mail.md); config/policies/mail.yaml to begin with. With notice and hold it is for mail that somebody lets go on.' }),
  sender: Words(['hide', 'keep'], { default: 'hide', description: 'hide: the mail comes from the alias, so the CRM does not learn who wrote; keep: From and Reply-To stay, so that it can answer.' }),
  associate: Optional(Type.String({ minLength: 1, description: 'Name of the associate that runs this mailbox, when it is not your own. Without a live agreement the notice goes instead of the mail.' })),
  purpose: Type.String({ minLength: 3, default: 'mail to the CRM', description: 'Why it goes there, for the accounting of disclosures.' }),
}, { description: 'One alias.' })
export type AliasConfig = Static<typeof AliasSection>

const ShieldListener = Section({
  host: Type.String({ default: '0.0.0.0', description: 'Address to listen on.' }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 2526, description: 'Port to listen on; 0 takes a free one. Other mail servers come to port 25: lead it here, or give the gateway the right to listen there.' }),
  tls: Optional(Section({
    certificate: FilePath({ description: 'PEM file: the certificate, then its intermediates.' }),
    key: FilePath({ description: 'PEM file with the private key.' }),
  }, { description: 'Certificate of outbound.shield.name. Without it, the first one of listeners.public.tls.' })),
  starttls: Words(['required', 'offered'], { default: 'required', description: 'required: who does not encrypt is answered 530; offered: mail may come in unencrypted, which is on record.' }),
  networks: Type.Array(AddressRange(), { default: [], description: 'Only these may send, and this machine itself (sallyport mail test). Empty: everybody.' }),
  maxMessageSize: Size({ default: '25MiB', description: 'A larger mail is answered 552.' }),
  maxRecipients: Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'Aliases that one mail may go to; further ones are answered 452.' }),
  maxConnections: Type.Integer({ minimum: 1, maximum: 1000, default: 64, description: 'Connections at the same time.' }),
  maxConnectionsPerAddress: Type.Integer({ minimum: 1, maximum: 1000, default: 8, description: 'Connections of one address at the same time (IPv6: of one /64).' }),
  connectionsPerMinute: Type.Integer({ minimum: 1, maximum: 10_000, default: 60, description: 'Connections of one address in a minute; further ones are answered 421.' }),
  messagesPerMinute: Type.Integer({ minimum: 1, maximum: 10_000, default: 60, description: 'Mails of one address in a minute; further ones are answered 451 and come again later.' }),
  messagesPerMinuteOfAlias: Type.Integer({ minimum: 1, maximum: 10_000, default: 120, description: 'Mails to one alias in a minute, whoever sends them.' }),
  quietTimeout: Duration({ default: '60s', description: 'A connection on which nothing comes is closed after this.' }),
  messageTimeout: Duration({ default: '5m', description: 'A mail must be whole within this time.' }),
}, { default: {}, description: 'Where mail from outside comes in (SMTP).' })
export type ShieldListenerConfig = Static<typeof ShieldListener>

const MailboxSection = Section({
  host: Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$', description: 'Name of the server that has the CRM\'s mailbox, as in its certificate.' }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, default: 25, description: 'Its port.' }),
  protocol: Words(['smtp', 'lmtp'], { default: 'smtp', description: 'lmtp for a mailbox server that is handed mail by LMTP (RFC 2033).' }),
  tls: Words(['starttls', 'implicit', 'none'], { default: 'starttls', description: 'How the connection is encrypted; the certificate is always verified. none: on this machine only.' }),
  authority: Optional(FilePath({ description: 'PEM file with the authority of its certificate, when it is a private one.' })),
  user: Optional(Type.String({ minLength: 1, description: 'User name there, when it wants one.' })),
  password: Optional(Secret({ description: 'Password there.' })),
  connections: Type.Integer({ minimum: 1, maximum: 32, default: 4, description: 'Connections to it at the same time.' }),
  timeout: Duration({ default: '60s', description: 'It must answer within this time.' }),
}, { description: 'The server that has the CRM\'s mailbox. Mail is handed to it with an empty sender, so that it never writes to anybody outside.' })
export type MailboxConfig = Static<typeof MailboxSection>

export const ShieldConfig = Section({
  name: Type.String({ pattern: `^${domain}$`, description: 'Name of this mail server, as in the MX record and in its certificate; Authentication-Results are given under it.' }),
  listener: ShieldListener,
  mailbox: MailboxSection,
  aliases: Type.Array(AliasSection, { minItems: 1, description: 'Who can be written to. Any other recipient is answered 550.' }),
  dmarc: Words(['record', 'quarantine', 'refuse'], {
    default: 'quarantine', description: 'Mail that fails DMARC, where its domain asks for quarantine or reject. record: only recorded; quarantine: held; refuse: held, or answered 550 where the domain asks for reject.',
  }),
  nameServers: Type.Array(Type.String({ minLength: 1 }), {
    default: [], description: 'Name servers to ask for SPF, DKIM and DMARC: `192.0.2.1`, `[2001:db8::1]:53`. Empty: those of the system.',
  }),
  notice: Section({
    subject: Type.String({ minLength: 1, maxLength: 200, default: 'A message came in', description: 'Subject of the notice.' }),
    text: Type.String({ minLength: 1, maxLength: 1000, default: 'A message came in and is held by the gateway. The administrator decides about it: sallyport quarantine list.', description: 'What the notice says; the link stands below it.' }),
    link: Optional(Type.String({ format: 'https-url', description: 'Link in the notice; gateway.publicUrl without it.' })),
  }, { default: {}, description: 'The notice to the CRM\'s mailbox. It says nothing about the mail.' }),
  retryFor: Duration({ default: '5d', description: 'A mail that the mailbox server does not take is tried again for so long, with growing pauses; then it goes to the quarantine. Its sender is never written to.' }),
}, { description: 'Mail from outside to an alias: received, stripped by policy, recorded and handed to the CRM\'s mailbox. Without this section none is taken in.' })
export type ShieldConfig = Static<typeof ShieldConfig>
