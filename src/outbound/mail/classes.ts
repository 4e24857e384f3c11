// Which class of recipients an address is in, and whether the CRM may send as another. Addresses are compared in small letters. Pure.
import type { MailClassConfig } from './config.ts'

export interface MailClass extends MailClassConfig {
  /** Addresses of its list file, in small letters. */
  readonly listed: ReadonlySet<string>
}

export const othersName = 'others'

function fitsDomain (pattern: string, domain: string): boolean {
  const wanted = pattern.toLowerCase()
  if (wanted === '*') return true
  return wanted.startsWith('*.') ? domain.endsWith(wanted.slice(1)) : domain === wanted
}

const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1)

/** The first class that names it; undefined for none. */
export function findClass (classes: readonly MailClass[], address: string): MailClass | undefined {
  const plain = address.toLowerCase()
  return classes.find(({ addresses, listed, domains }) =>
    addresses.some(one => one.toLowerCase() === plain) || listed.has(plain) || domains.some(pattern => fitsDomain(pattern, domainOf(plain))))
}

/** `allowed`: addresses and domains. */
export function maySendAs (allowed: readonly string[], address: string): boolean {
  const plain = address.toLowerCase()
  return allowed.some(one => one.includes('@') ? one.toLowerCase() === plain : fitsDomain(one, domainOf(plain)))
}

/** One address a line; # begins a remark. What is no address is left out and told. */
export function readList (text: string): { readonly addresses: ReadonlySet<string>, readonly wrongLines: readonly number[] } {
  const addresses = new Set<string>()
  const wrongLines: number[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const address = line.replace(/#.*$/, '').trim().toLowerCase()
    if (address === '') continue
    if (/^[^\s@<>]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?$/.test(address)) addresses.add(address)
    else wrongLines.push(index + 1)
  }
  return { addresses, wrongLines }
}
