// E-mail of the CRM on its way out: where the CRM hands it in, what happens to it for whom, and the one server that it leaves through.
import { Duration, FilePath, Optional, Secret, Section, Size, Type, type Static } from '../../shared/schema.ts'

const address = '[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?'
const domain = '[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?'
const Name = { pattern: '^[a-z][a-z0-9-]{0,62}$' }
const Words = <const W extends readonly string[]>(words: W, options: { description: string, default?: W[number] }) => Type.Unsafe<W[number]>({ ...options, anyOf: words.map(word => ({ const: word, type: 'string' })) })

const ClassSection = Section({
  name: Type.String({ ...Name, description: 'Short name, as it stands in the trail and in the metrics.' }),
  who: Words(['staff', 'patient', 'vendor'], { description: 'staff: your own people; patient: the patients themselves; vendor: anybody else, who needs an agreement (associate).' }),
  domains: Type.Array(Type.String({ pattern: `^(?:\\*|(?:\\*\\.)?${domain})$` }), { default: [], description: 'Domains of their addresses: `clinic.example`, `*.clinic.example` for those below it, `*` for any.' }),
  addresses: Type.Array(Type.String({ pattern: `^${address}$` }), { default: [], description: 'Single addresses.' }),
  list: Optional(FilePath({ description: 'Text file with an address on each line; it may be changed while the gateway runs.' })),
  action: Words(['redact', 'notice', 'hold'], { default: 'notice', description: 'redact: the mail goes without what the policy takes out; notice: only the notice goes; hold: into the quarantine.' }),
  policy: Optional(FilePath({ description: 'With redact: the redaction policy (docs/mail.md); config/policies/mail.yaml to begin with.' })),
  associate: Optional(Type.String({ minLength: 1, description: 'With vendor: name of the associate. Without a live agreement a notice goes instead of the mail.' })),
  purpose: Type.String({ minLength: 3, default: 'e-mail of the CRM', description: 'Why it is sent, for the accounting of disclosures.' }),
}, { description: 'One class of recipients.' })
export type MailClassConfig = Static<typeof ClassSection>

const MailListener = Section({
  host: Type.String({ default: '127.0.0.1', description: 'Address to listen on. Anything but this machine needs tls and users.' }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 2525, description: 'Port to listen on; 0 takes a free one.' }),
  tls: Optional(Section({
    certificate: FilePath({ description: 'PEM file: the certificate, then its intermediates.' }),
    key: FilePath({ description: 'PEM file with the private key.' }),
  }, { description: 'STARTTLS. With it nothing is taken in before the connection is encrypted.' })),
  users: Type.Array(Section({
    name: Type.String({ minLength: 1, maxLength: 128, description: 'User name, as the CRM is given it.' }),
    password: Secret({ description: 'Its password: at least 16 characters.' }),
  }, { description: 'One user.' }), { default: [], description: 'Who may hand mail in (AUTH). Empty: everybody on this machine.' }),
  maxMessageSize: Size({ default: '25MiB', description: 'A larger mail is answered 552.' }),
  maxRecipients: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Recipients of one mail; further ones are answered 452.' }),
  maxConnections: Type.Integer({ minimum: 1, maximum: 1000, default: 64, description: 'Connections at the same time.' }),
  quietTimeout: Duration({ default: '60s', description: 'A connection on which nothing comes is closed after this.' }),
  messageTimeout: Duration({ default: '5m', description: 'A mail must be whole within this time.' }),
}, { default: {}, description: 'Where the CRM hands its mail in (SMTP).' })

const SmarthostSection = Section({
  host: Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$', description: 'Name of the mail server that takes your mail on, as in its certificate.' }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587, description: 'Its port: 587, or 465 with tls: implicit.' }),
  tls: Words(['starttls', 'implicit'], { default: 'starttls', description: 'How the connection is encrypted. The certificate is always verified, and without encryption nothing is sent.' }),
  authority: Optional(FilePath({ description: 'PEM file with the authority of its certificate, when it is a private one.' })),
  user: Optional(Type.String({ minLength: 1, description: 'User name at the mail server.' })),
  password: Optional(Secret({ description: 'Password at the mail server.' })),
  connections: Type.Integer({ minimum: 1, maximum: 32, default: 4, description: 'Connections to it at the same time.' }),
  timeout: Duration({ default: '60s', description: 'It must answer within this time.' }),
}, { description: 'The one server that mail leaves through.' })
export type SmarthostConfig = Static<typeof SmarthostSection>

export const MailConfig = Section({
  listener: MailListener,
  smarthost: SmarthostSection,
  sender: Type.String({ pattern: `^${address}$`, description: 'Your own address: notices come from it, and it stands wherever the sender of a mail may not.' }),
  senders: Type.Array(Type.String({ pattern: `^(?:${address}|(?:\\*\\.)?${domain})$` }), { default: [], description: 'Other addresses and domains that the CRM may send as. Anything else is answered 550.' }),
  recipients: Type.Array(ClassSection, { minItems: 1, description: 'Classes of recipients, in order: the first that fits an address decides.' }),
  others: Words(['refuse', 'notice', 'hold'], { default: 'refuse', description: 'Recipients of no class: answered 550, sent the notice, or held.' }),
  notice: Section({
    subject: Type.String({ minLength: 1, maxLength: 200, default: 'You have a new message', description: 'Subject of the notice.' }),
    text: Type.String({ minLength: 1, maxLength: 1000, default: 'You have a new message. Open it in the CRM.', description: 'What the notice says; the link stands below it.' }),
    link: Optional(Type.String({ format: 'https-url', description: 'Where the CRM is opened; gateway.publicUrl without it.' })),
  }, { default: {}, description: 'The notice. It says nothing about the mail.' }),
  dkim: Optional(Section({
    domain: Type.String({ pattern: `^${domain}$`, description: 'Domain that signs (d=).' }),
    selector: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$', description: 'Selector of its key in the DNS (s=).' }),
    key: Secret({ description: 'Private key in PEM: RSA of at least 2048 bits, or Ed25519.' }),
  }, { description: 'Signs what is sent (DKIM), after redaction. Signatures of the CRM are taken out: they would not fit any more.' })),
  patientHeader: Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]{0,63}$', description: 'Header in which the CRM writes the patient\'s id, for the accounting of disclosures. It does not leave.' })),
  retryFor: Duration({ default: '5d', description: 'A mail that the server does not take is tried again for so long, with growing pauses; then it goes to the quarantine.' }),
}, { description: 'E-mail of the CRM: it is taken in, redacted for each class of recipients, and sent through one server. Without this section no mail is taken in.' })
export type MailConfig = Static<typeof MailConfig>
