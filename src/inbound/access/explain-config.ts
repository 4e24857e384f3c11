// What is wrong with the section access beyond its schema: roles that allow nothing, routes that never match, a deny that could not bite.
import { explainRoutePattern, methodsOfRoutePattern } from '../../shared/route-pattern.ts'
import type { AccessConfig } from './config.ts'

/** A setting below `access`, and what to do about it. */
export interface ConfigMistake {
  /** For instance `roles.nurse.deny.2`. */
  readonly path: string
  readonly message: string
}

/** All mistakes; empty when the section can be used. Pure. */
export function explainAccessConfig (config: AccessConfig): readonly ConfigMistake[] {
  const methods = new Set(config.methods)
  const roles = Object.entries(config.roles)
  const mistakes = roles.flatMap(([name, role]) => [
    ...(role.allow.length === 0 ? [{ path: `roles.${name}.allow`, message: 'the role allows nothing: add a route, or remove the role' }] : []),
    ...(['allow', 'deny'] as const).flatMap(list => role[list].flatMap((text, index) => {
      const message = explainRoute(text, methods)
      return message === undefined ? [] : [{ path: `roles.${name}.${list}.${index}`, message }]
    })),
  ])
  return roles.length === 0 ? [{ path: 'roles', message: 'there is no role: nobody could do anything' }] : mistakes
}

/** A method that never passes makes a rule that never matches: as a deny it would look like protection and be none. */
function explainRoute (text: string, methods: ReadonlySet<string>): string | undefined {
  const wrong = explainRoutePattern(text)
  if (wrong !== undefined) return wrong
  const unknown = methodsOfRoutePattern(text).find(method => !methods.has(method))
  return unknown === undefined ? undefined : `${unknown} is not in access.methods, so that this never matches`
}
