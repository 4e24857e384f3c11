// May this person do this? A pure decision from roles and routes; deny by default; the order is visible in the configuration.
import { rememberByObject } from '../../shared/remember.ts'
import { compileRouteTable, type RouteTable } from '../../shared/route-pattern.ts'
import type { AccessConfig } from './config.ts'
import { explainAccessConfig } from './explain-config.ts'
import { accessReasons } from './reasons.ts'

export { explainAccessConfig, type ConfigMistake } from './explain-config.ts'

interface Who { readonly id: string, readonly groups: readonly string[] }

interface Target { readonly method: string, readonly foldedPath: string }

export interface AccessDecision {
  /** Roles of the person that exist in the configuration. */
  readonly roles: readonly string[]
  /** `access.roles.<role>.allow[<n>]`: the rule that decided. */
  readonly rule: string
  /** The text of the route pattern that matched, for the trail. */
  readonly route: string
}

export type AccessAnswer =
  | { readonly isAllowed: true, readonly decision: AccessDecision }
  /** `rule` is `access.roles.<role>.deny[<n>]`, or undefined when nothing allows it. */
  | { readonly isAllowed: false, readonly reason: 'access.roleMissing' | 'access.notAllowed', readonly roles: readonly string[], readonly rule: string | undefined }

export interface AccessRoom {
  /** Throws a Denial `access.roleMissing` or `access.notAllowed` (403). */
  require(who: Who, target: Target): AccessDecision
  /** The same decision without throwing, with the setting that decided against it, for the record of a refusal. */
  explain(who: Who, target: Target): AccessAnswer
  /** Roles that the person has. Throws a Denial `access.roleMissing` (403) when there is none. */
  requireRole(who: Who): readonly string[]
  /** Roles that the person has, in the order of the configuration; empty when none. */
  rolesOf(who: Who): readonly string[]
}

interface Rule { readonly rule: string, readonly route: string }

interface Role { readonly name: string, readonly allow: RouteTable<Rule>, readonly deny: RouteTable<Rule> }

/** Throws a TypeError when the configuration has mistakes that `explainAccessConfig` finds: nothing starts with them. */
export function createAccessRoom (config: AccessConfig): AccessRoom {
  const mistake = explainAccessConfig(config)[0]
  if (mistake !== undefined) throw new TypeError(`access.${mistake.path}: ${mistake.message}`)
  const roles = Object.entries(config.roles).map(([name, role]) => ({
    name,
    people: new Set(role.people),
    groups: new Set(role.groups),
    allow: compileRules(`access.roles.${name}.allow`, role.allow),
    deny: compileRules(`access.roles.${name}.deny`, role.deny),
  }))
  // Exact, letter by letter: a role gives freedom, and must not go to somebody whose id or group only looks alike.
  const held = rememberByObject((who: Who) => roles.filter(role => role.people.has(who.id) || who.groups.some(group => role.groups.has(group))))
  const namesOf = rememberByObject((who: Who) => Object.freeze(held(who).map(role => role.name)))
  const explain = (who: Who, target: Target) => decide({ held: held(who), roles: namesOf(who) }, target)
  return {
    explain,
    rolesOf: namesOf,
    requireRole (who) {
      const names = namesOf(who)
      if (names.length === 0) throw accessReasons.deny('access.roleMissing')
      return names
    },
    require (who, target) {
      const answer = explain(who, target)
      if (!answer.isAllowed) throw accessReasons.deny(answer.reason)
      return answer.decision
    },
  }
}

function compileRules (setting: string, patterns: readonly string[]): RouteTable<Rule> {
  return compileRouteTable(patterns.map((pattern, index) => ({ pattern, value: { rule: `${setting}[${index}]`, route: pattern } })))
}

/** Any deny of any role, then the first allow in the order of the configuration, else no. */
function decide ({ held, roles }: { readonly held: readonly Role[], readonly roles: readonly string[] }, target: Target): AccessAnswer {
  if (held.length === 0) return { isAllowed: false, reason: 'access.roleMissing', roles, rule: undefined }
  for (const role of held) {
    const denied = role.deny.find(target.method, target.foldedPath)
    if (denied !== undefined) return { isAllowed: false, reason: 'access.notAllowed', roles, rule: denied.rule }
  }
  for (const role of held) {
    const allowed = role.allow.find(target.method, target.foldedPath)
    if (allowed !== undefined) return { isAllowed: true, decision: { roles, rule: allowed.rule, route: allowed.route } }
  }
  return { isAllowed: false, reason: 'access.notAllowed', roles, rule: undefined }
}
