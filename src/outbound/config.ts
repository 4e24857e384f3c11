// The outbound door: where the CRM hands its messages in, and where they may go.
import { AddressRange, Duration, FilePath, Optional, Secret, Section, Size, Type, type Static } from '../shared/schema.ts'
import { MailConfig } from './mail/config.ts'
import { ProxyConfig } from './proxy/config.ts'
import { SenderConfig } from './sender/config.ts'
import { ShieldConfig } from './shield/config.ts'

const DestinationSection = Section({
  name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$', description: 'The CRM sends to /NAME of the listener.' }),
  url: Type.String({ format: 'https-url', description: 'Where the message goes: https only. Redirects are not followed.' }),
  paths: Type.Array(Type.String({ pattern: '^[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62}(?:/[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62}){0,5}$' }), {
    default: [], description: 'What may stand behind /NAME/ and is then put behind the url: `leads/new`. Anything else is refused, because a path can hold an identifier.',
  }),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the receiver\'s certificate, when it is a private one. Verification cannot be switched off.' })),
  policy: FilePath({ description: 'The redaction policy (docs/redaction.md). There is no destination without one.' }),
  associate: Optional(Type.String({ minLength: 1, description: 'Name of the associate that receives it. Without one: nothing that identifies a person, and no free text.' })),
  sender: SenderConfig,
  mode: Type.Union([Type.Literal('queue'), Type.Literal('pass')], { default: 'queue', description: 'queue: the CRM is answered 202 once the message is safe on disk, and it is delivered from there, in order; pass: the CRM gets the receiver\'s own answer.' }),
  signingKey: Secret({ description: 'Signs what is delivered (Standard Webhooks): whsec_ and 24 to 64 random bytes in base64, the same at the receiver.' }),
  purpose: Type.String({ minLength: 3, description: 'Why it is sent, for the accounting of disclosures: `appointment reminders`.' }),
  patient: Optional(Type.String({ pattern: '^[^\\s.[\\]]{1,64}(?:\\[\\])?(?:\\.[^\\s.[\\]]{1,64}(?:\\[\\])?){0,9}$', description: 'Where the patient\'s id stands in the JSON or the form, for the accounting of disclosures: `contact.id`, `rows[].patientId`.' })),
}, { description: 'One destination.' })
export type DestinationConfig = Static<typeof DestinationSection>

export const OutboundConfig = Section({
  listener: Section({
    host: Type.String({ default: '127.0.0.1', description: 'Address to listen on. Without tls: this machine only.' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8091, description: 'Port to listen on; 0 takes a free one.' }),
    tls: Optional(Section({
      certificate: FilePath({ description: 'PEM file: the certificate, then its intermediates.' }),
      key: FilePath({ description: 'PEM file with the private key.' }),
    }, { description: 'TLS, for a CRM on another machine or one that shows a certificate.' })),
    maxBodySize: Size({ default: '1MiB', description: 'A larger message is answered 413.' }),
  }, { default: {}, description: 'Where the CRM hands its webhooks in. It is open when there are destinations.' }),
  destinations: Type.Array(DestinationSection, { default: [], description: 'Where webhooks may go. There is no other way out.' }),
  mail: Optional(MailConfig),
  shield: Optional(ShieldConfig),
  proxy: Optional(ProxyConfig),
  allowAddresses: Type.Array(AddressRange(), { default: [], description: 'Addresses beside the public ones that a destination may have, for a receiver in your own network. Others (private, this machine, cloud metadata) are refused when connecting.' }),
  attemptTimeout: Duration({ default: '30s', description: 'One attempt to deliver lasts so long at most.' }),
  retryFor: Duration({ default: '24h', description: 'A message that cannot be delivered is tried again for so long, with growing pauses; then it goes to the quarantine.' }),
  maxStoredSize: Size({ default: '1GiB', description: 'Queue and quarantine on disk, each; a full one refuses further messages with 503.' }),
  tokenVault: Optional(Section({
    keepDays: Type.Integer({ default: 90, minimum: 1, maximum: 3650, description: 'A value is kept for so many days after its token was last given out; then the token stands for nothing that could be looked up.' }),
    mayReveal: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Accounts of this machine that may look up what a token stands for.' }),
  }, { description: 'Keeps, sealed, what the tokens in messages stand for, so that sallyport tokens reveal can tell when a receiver asks about one. Without it nobody can.' })),
  releaseApprovals: Type.Integer({ minimum: 1, maximum: 2, default: 1, description: 'People (accounts of this machine) that must agree before a message leaves the quarantine.' }),
}, { description: 'Webhooks and e-mail of the CRM on their way out, and mail from outside on its way to the CRM\'s mailbox: PHI is taken out, and a message that cannot be judged is held. Without this section there is no outbound door.' })
export type OutboundConfig = Static<typeof OutboundConfig>
