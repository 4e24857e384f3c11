// Whether a session is used where it began: from the same address, the same network, or with the same client certificate, as the policy says for its person.
// It compares and names the difference; what follows of it is the room's to do.
import type { Principal } from '../principal.ts'
import type { SessionConfig } from './config.ts'
import { sessionReasons } from './reasons.ts'
import type { Place, Session } from './session.ts'

export type Elsewhere = 'session.otherAddress' | 'session.otherNetwork' | 'session.otherCertificate'
type Policy = Pick<SessionConfig['binding'], 'to' | 'onMismatch'>

export interface Binding {
  /** What differs, and what the policy wants then; undefined while it is used where it began, or bound to nothing. */
  judge(session: Session, place: Place): { readonly elsewhere: Elsewhere, readonly onMismatch: Policy['onMismatch'] } | undefined
  /** Throws a Denial when a session of this person cannot be bound to what the policy says, because it is not there. */
  requireBindable(principal: Principal, place: Place): void
  /** To what a session of this person is bound. */
  policyOf(principal: Principal): Policy['to']
}

export interface BindingDeps {
  /** Names of the roles that a person has now. */
  readonly rolesOf: (principal: Principal) => readonly string[]
  /** Gives the network of an address, of so many bits; undefined for what is no address. */
  readonly createNetworkOf: (bits: { readonly ipv4: number, readonly ipv6: number }) => (address: string) => string | undefined
}

export function createBinding (config: SessionConfig['binding'], { rolesOf, createNetworkOf }: BindingDeps): Binding {
  const networkOf = createNetworkOf({ ipv4: config.ipv4Prefix, ipv6: config.ipv6Prefix })
  const findPolicy = createPolicyTable(config, rolesOf)
  const differences: Readonly<Record<Policy['to'], (began: Place | undefined, place: Place) => Elsewhere | undefined>> = {
    none: () => undefined,
    address: (began, { address }) => began?.address === address ? undefined : 'session.otherAddress',
    network (began, { address }) {
      const [before, now] = [began === undefined ? undefined : networkOf(began.address), networkOf(address)]
      return before !== undefined && before === now ? undefined : 'session.otherNetwork'
    },
    certificate: (began, { certificate }) => certificate !== undefined && began?.certificate === certificate ? undefined : 'session.otherCertificate',
  }
  return {
    judge (session, place) {
      const { to, onMismatch } = findPolicy(session.principal)
      const elsewhere = differences[to](session.beganFrom, place)
      return elsewhere === undefined ? undefined : { elsewhere, onMismatch }
    },
    requireBindable (principal, { certificate }) {
      const { to, onMismatch } = findPolicy(principal)
      if (to === 'certificate' && certificate === undefined && onMismatch !== 'report') throw sessionReasons.deny('session.certificateMissing')
    },
    policyOf: principal => findPolicy(principal).to,
  }
}

/** The first override about the person, else what stands for everybody. */
function createPolicyTable (config: SessionConfig['binding'], rolesOf: BindingDeps['rolesOf']): (principal: Principal) => Policy {
  const { to, onMismatch, overrides } = config
  if (overrides.length === 0) return () => config
  const entries = overrides.map(entry => ({
    policy: { to: entry.to, onMismatch: entry.onMismatch ?? onMismatch },
    people: entry.people === undefined ? undefined : new Set(entry.people),
    groups: entry.groups === undefined ? undefined : new Set(entry.groups),
    roles: entry.roles === undefined ? undefined : new Set(entry.roles),
  }))
  return principal => entries.find(({ people, groups, roles }) =>
    (people === undefined || people.has(principal.id)) &&
    (groups === undefined || principal.groups.some(group => groups.has(group))) &&
    (roles === undefined || rolesOf(principal).some(role => roles.has(role))))?.policy ?? { to, onMismatch }
}
