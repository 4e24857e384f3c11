// What is wrong with the section clientIp beyond its schema: ranges that are not ranges, lists that hold everybody, entries about nobody.
import { explainRoutePattern } from '../../shared/route-pattern.ts'
import { explainAddressRange } from './address.ts'
import type { ClientIpConfig } from './config.ts'
import { compileRangeSet } from './range-set.ts'

/** A setting below `clientIp`, and what to do about it. */
export interface ConfigMistake {
  /** For instance `allow.0` or `restrict.2.routes.1`. */
  readonly path: string
  readonly message: string
}

/** All mistakes; empty when the section can be used. Pure. */
export function explainClientIpConfig (config: ClientIpConfig): readonly ConfigMistake[] {
  const mistakes = [
    ...explainRanges('allow', config.allow),
    ...explainRanges('trustedProxies', config.trustedProxies),
    ...explainRanges('proxyProtocolFrom', config.proxyProtocolFrom),
    ...config.restrict.flatMap((entry, index) => explainRestriction(`restrict.${index}`, entry)),
  ]
  if (config.allow.length === 0) mistakes.push({ path: 'allow', message: 'it is empty: nobody could come in' })
  if (mistakes.length > 0) return mistakes
  if (!config.anyAddress && compileRangeSet(config.allow).isEverybody) {
    mistakes.push({ path: 'allow', message: 'its ranges together hold every address: set anyAddress to true if the whole internet shall reach the sign-in page' })
  }
  for (const path of ['trustedProxies', 'proxyProtocolFrom'] as const) {
    if (compileRangeSet(config[path]).isEverybody) mistakes.push({ path, message: 'its ranges together hold every address: anybody could then choose the address to come from' })
  }
  return mistakes
}

function explainRanges (path: string, texts: readonly string[]): ConfigMistake[] {
  return texts.flatMap((text, index) => {
    const message = explainAddressRange(text)
    return message === undefined ? [] : [{ path: `${path}.${index}`, message }]
  })
}

function explainRestriction (path: string, entry: ClientIpConfig['restrict'][number]): ConfigMistake[] {
  // A narrower list for everybody can be tried here; to be enforced it has one place.
  const isAboutNobody = entry.mode !== 'report' && entry.people === undefined && entry.groups === undefined && entry.routes === undefined
  return [
    ...(isAboutNobody ? [{ path, message: 'name people, groups or routes; for everybody there is clientIp.allow' }] : []),
    ...explainRanges(`${path}.allow`, entry.allow),
    ...(entry.routes ?? []).flatMap((text, index) => {
      const message = explainRoutePattern(text)
      return message === undefined ? [] : [{ path: `${path}.routes.${index}`, message }]
    }),
  ]
}
