// The narrower allowlists per person, group and route, judged after sign-in. Every entry that matches must allow; a doubt about a match counts as one.
import { compileRouteTable } from '../../shared/route-pattern.ts'
import type { Address } from './address.ts'
import type { ClientIpConfig } from './config.ts'
import { compileRangeSet } from './range-set.ts'

export interface Restrictions {
  allows(address: Address, who: { readonly id: string, readonly groups: readonly string[] }, route: { readonly method: string, readonly foldedPath: string }): boolean
}

/** Compiles the entries. Throws a TypeError on a bad range or route. */
export function compileRestrictions (config: ClientIpConfig['restrict']): Restrictions {
  const entries = config.map(entry => ({
    people: foldNames(entry.people),
    groups: foldNames(entry.groups),
    routes: entry.routes === undefined ? undefined : compileRouteTable(entry.routes.map(pattern => ({ pattern, value: true }))),
    allow: compileRangeSet(entry.allow),
  }))
  const isAboutPeople = entries.some(entry => entry.people !== undefined)
  const isAboutGroups = entries.some(entry => entry.groups !== undefined)
  return {
    allows (address, who, route) {
      if (entries.length === 0) return true
      const id = isAboutPeople ? foldName(who.id) : ''
      const groups = isAboutGroups ? who.groups.map(foldName) : []
      return entries.every(entry => {
        const isAbout = (entry.people === undefined || entry.people.has(id)) &&
          (entry.groups === undefined || groups.some(group => entry.groups?.has(group))) &&
          (entry.routes === undefined || entry.routes.find(route.method, route.foldedPath) === true)
        return !isAbout || entry.allow.has(address)
      })
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
