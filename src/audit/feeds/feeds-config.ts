// Where records go as they happen.
import { FilePath, Optional, Section, Type, type Static } from '../../shared/schema.ts'

const Syslog = Section({
  host: Type.String({ minLength: 1, description: 'Name or address of the receiver; its certificate must be for it.' }),
  port: Type.Integer({ default: 6514, minimum: 1, maximum: 65535, description: 'TCP port.' }),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the receiver\'s certificate.' })),
  format: Type.Union([Type.Literal('cef'), Type.Literal('ocsf'), Type.Literal('json')], { default: 'json', description: 'How a record is written.' }),
  content: Type.Union([Type.Literal('sealed'), Type.Literal('tokens'), Type.Literal('clear')], {
    default: 'tokens',
    description: 'What a record says: nothing that can be read without audit.key (the record as it lies in the spool), tokens in the place of people, addresses, patients and records, or everything in the clear, PHI included.',
  }),
}, { description: 'Syslog (RFC 5424) over TLS.' })

export const FeedsConfig = Type.Array(Section({ syslog: Syslog }, { description: 'A receiver.' }), {
  description: 'Live feeds to a SIEM. Each record is sent at least once, also after a receiver was down; no receiver can delay a request.',
})
export type FeedsConfig = Static<typeof FeedsConfig>
