// The narrower allowlists per person, group and route, judged after sign-in. Every entry that matches must allow; a doubt about a match counts as one.
import { compileRouteTable } from '../../shared/route-pattern.ts'
import type { Address } from './address.ts'
import type { ClientIpConfig } from './config.ts'
import { compileRangeSet } from './range-set.ts'

export interface Who {
  readonly id: string
  /** As the IdP names them. */
  readonly groups: readonly string[]
}

export interface Route {
  readonly method: string
  readonly foldedPath: string
}

export interface RestrictionVerdict {
  readonly isAllowed: boolean
  /** The setting of the first entry with `mode: report` that would refuse. */
  readonly wouldRefuse: string | undefined
}

export interface Restrictions {
  judge(address: Address, who: Who, route: Route): RestrictionVerdict
}

const allowed: RestrictionVerdict = Object.freeze({ isAllowed: true, wouldRefuse: undefined })
const refused: RestrictionVerdict = Object.freeze({ isAllowed: false, wouldRefuse: undefined })

/** Compiles the entries. Throws a TypeError on a bad range or route. */
export function compileRestrictions (config: ClientIpConfig['restrict']): Restrictions {
  const entries = config.map((entry, index) => ({
    setting: `clientIp.restrict[${index}]`,
    isTrial: entry.mode === 'report',
    people: foldNames(entry.people),
    groups: foldNames(entry.groups),
    routes: entry.routes === undefined ? undefined : compileRouteTable(entry.routes.map(pattern => ({ pattern, value: true }))),
    allow: compileRangeSet(entry.allow),
  }))
  const isAboutPeople = entries.some(entry => entry.people !== undefined)
  const isAboutGroups = entries.some(entry => entry.groups !== undefined)
  return {
    judge (address, who, route) {
      if (entries.length === 0) return allowed
      const id = isAboutPeople ? foldName(who.id) : ''
      const groups = isAboutGroups ? who.groups.map(foldName) : []
      const refuses = (entry: typeof entries[number]) => {
        const isAbout = (entry.people === undefined || entry.people.has(id)) &&
          (entry.groups === undefined || groups.some(group => entry.groups?.has(group))) &&
          (entry.routes === undefined || entry.routes.find(route.method, route.foldedPath) === true)
        return isAbout && !entry.allow.has(address)
      }
      const refusing = entries.filter(refuses)
      if (refusing.length === 0) return allowed
      return refusing.some(entry => !entry.isTrial) ? refused : { isAllowed: true, wouldRefuse: refusing[0]?.setting }
    },
  }
}

/** An entry takes freedom away, so that a name that differs only in letter case or Unicode form must not escape it. */
function foldName (name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

function foldNames (names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set(names.map(foldName))
}
