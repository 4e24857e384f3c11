// The eighteen identifiers of 45 CFR 164.514(b)(2)(i), by the words that policies, manifests and masks use. Geography has two words, because a ZIP code can be generalised.

export interface IdentifierKind {
  /** The letter of 164.514(b)(2)(i). */
  readonly letter: string
  readonly meaning: string
}

export const identifierKinds = {
  name: { letter: 'A', meaning: 'names' },
  address: { letter: 'B', meaning: 'street addresses, cities and other places smaller than a state' },
  zip: { letter: 'B', meaning: 'ZIP and postal codes' },
  date: { letter: 'C', meaning: 'dates that say more than the year' },
  age: { letter: 'C', meaning: 'ages over 89' },
  phone: { letter: 'D', meaning: 'telephone numbers' },
  fax: { letter: 'E', meaning: 'fax numbers' },
  email: { letter: 'F', meaning: 'e-mail addresses' },
  ssn: { letter: 'G', meaning: 'social security numbers' },
  mrn: { letter: 'H', meaning: 'medical record numbers' },
  plan: { letter: 'I', meaning: 'health plan beneficiary numbers' },
  account: { letter: 'J', meaning: 'account, card and bank numbers' },
  licence: { letter: 'K', meaning: 'certificate and licence numbers' },
  vehicle: { letter: 'L', meaning: 'vehicle identifiers and licence plates' },
  device: { letter: 'M', meaning: 'device identifiers and serial numbers' },
  url: { letter: 'N', meaning: 'web addresses' },
  ip: { letter: 'O', meaning: 'IP addresses' },
  biometric: { letter: 'P', meaning: 'biometric identifiers' },
  photo: { letter: 'Q', meaning: 'photographs and comparable images' },
  other: { letter: 'R', meaning: 'any other unique number, characteristic or code' },
} as const satisfies Readonly<Record<string, IdentifierKind>>

export type Kind = keyof typeof identifierKinds

export const kindWords = Object.keys(identifierKinds) as readonly Kind[]

/** What stands where a value was. The brackets keep it from being read as data. */
export function maskOf (kind: Kind): string {
  return kind === 'other' ? '[redacted]' : `[${kind}]`
}
