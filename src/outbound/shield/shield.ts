// The shield mailbox before anybody looks into a mail: which alias it is for, whether it may be forged, what the CRM may learn of its sender, what stands above it when it goes
// on. It decides by addresses and by what domains say of themselves.
import { formatMailDate } from '../notice.ts'
import type { ShieldMail } from '../stored-message.ts'
import type { AliasConfig, ShieldConfig } from './config.ts'
import { countReceived, dropClaims, limitSignatures, readHeader, writeTrace } from './header.ts'
import { shieldHolds, shieldReasons } from './reasons.ts'
import type { Judged, Received } from './verdicts.ts'

export { shieldHolds, shieldReasons }
export { createShieldLimits, type ShieldLimits } from './limits.ts'
export { createVerdictThread, type VerdictThread } from './verdicts.ts'
export type { Verdicts } from './header.ts'

export interface Incoming extends Received {
  readonly id: string
  readonly isEncrypted: boolean
  readonly body: Buffer
}

export interface Examined {
  /** Without what only the gateway may say of it. */
  readonly body: Buffer
  readonly mail: ShieldMail
}

export interface ShieldRoom {
  /** Throws a Denial for a recipient that is no alias. */
  requireAlias (address: string): AliasConfig
  /** By its name. */
  findAlias (name: string): AliasConfig | undefined
  /** Throws a Denial for a mail that goes round in a circle or has too long a header. */
  examine (incoming: Incoming): Promise<Examined>
  /** What the author's domain asks for, as far as this house follows it: why the mail is held, if it is. Throws a Denial or a Failure. */
  requireGenuine (mail: ShieldMail): 'byDmarc' | undefined
  /** Whom the header of what goes to the CRM may name. */
  peopleOf (alias: AliasConfig, mail: ShieldMail, mayNameSender: boolean): { readonly addresses: readonly string[], readonly sender: string }
  /** The mail with what the gateway says of it. */
  addTrace (alias: AliasConfig, mail: ShieldMail, body: Buffer): Buffer
}

interface Deps {
  readonly judge: (received: Received) => Promise<Judged>
  readonly now: () => number
}

const mostHops = 50

export function createShieldRoom ({ name, aliases, dmarc }: ShieldConfig, { judge, now }: Deps): ShieldRoom {
  const byAddress = new Map(aliases.map(alias => [alias.address.toLowerCase(), alias]))
  const byName = new Map(aliases.map(alias => [alias.name, alias]))
  return {
    requireAlias (address) {
      const alias = byAddress.get(address.toLowerCase())
      if (alias === undefined) throw shieldReasons.deny('shield.unknownRecipient')
      return alias
    },
    findAlias: alias => byName.get(alias),
    async examine ({ id, isEncrypted, body, ...connection }) {
      const header = readHeader(body)
      if (header === undefined) throw shieldReasons.deny('shield.tooLarge')
      const hops = countReceived(header)
      if (hops > mostHops) throw shieldReasons.deny('shield.loop')
      const { verdicts, people } = await judge({ ...connection, body: limitSignatures(header) })
      const mail: ShieldMail = { id, date: formatMailDate(now()), isEncrypted, hops, people, senderDomain: domainOf(connection.sender), verdicts }
      return { body: dropClaims(header), mail }
    },
    requireGenuine ({ verdicts: { dmarc: { result, policy } } }) {
      if (dmarc === 'record') return undefined
      if (result === 'temperror') throw shieldReasons.fail('shield.notChecked', 'gateway')
      const asked = result === 'permerror' ? 'reject' : result === 'fail' ? policy : undefined
      if (asked === 'reject' && dmarc === 'refuse') throw shieldReasons.deny('shield.forged')
      return asked === 'reject' || asked === 'quarantine' ? 'byDmarc' : undefined
    },
    peopleOf: ({ address, sender }, { people }, mayNameSender) => ({ addresses: [address, ...(sender === 'keep' && mayNameSender ? people : [])], sender: address }),
    addTrace ({ sender }, { senderDomain: _, people: _people, ...trace }, body) {
      return Buffer.concat([Buffer.from(writeTrace({ ...trace, name, hasDomains: sender === 'keep' }), 'latin1'), body])
    },
  }
}

function domainOf (address: string): string | undefined {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  return /^[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?$/.test(domain) ? domain : undefined
}
