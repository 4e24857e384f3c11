// The register of associates: vendors with a business associate agreement (45 CFR 164.502(e), 164.504(e)), and what each agreement covers.
import { kindWords } from '../../phi/config.ts'
import { FilePath, Optional, Section, Type, type Static } from '../../shared/schema.ts'

const Name = { pattern: '^[a-z][a-z0-9-]{0,62}$' }

const Kind = () => Type.Unsafe<typeof kindWords[number]>({ anyOf: kindWords.map(word => ({ const: word, type: 'string' })) })

export const AssociatesConfig = Type.Array(Section({
  name: Type.String({ ...Name, description: 'Short name, as destinations refer to it.' }),
  vendor: Type.String({ minLength: 1, description: 'The vendor as in the agreement.' }),
  scope: Type.String({ minLength: 1, description: 'What the agreement is for, in a few words.' }),
  signed: Type.String({ format: 'day', description: 'The day on which the agreement begins.' }),
  expires: Type.String({ format: 'day', description: 'Its last day, in UTC. From the next one on it counts as none.' }),
  documentSha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the signed document, so that it is known which one was meant: sha256sum FILE.' }),
  documentFile: Optional(FilePath({ description: 'The signed document; `sallyport associates check` compares it with its digest.' })),
  contact: Type.String({ minLength: 1, description: 'Whom to ask at the vendor.' }),
  destinations: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Names of the destinations that the agreement covers.' }),
  kinds: Type.Array(Kind(), { default: [], description: 'Kinds of identifiers that may reach the vendor, in the words of docs/redaction.md. What is not here is taken out.' }),
}, { description: 'One agreement.' }), { default: [], description: 'Vendors with a business associate agreement. Without a live one nothing that identifies a person leaves, and no free text.' })
export type AssociatesConfig = Static<typeof AssociatesConfig>
export type AssociateConfig = AssociatesConfig[number]
