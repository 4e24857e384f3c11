// Rules about address ranges: who may come in, and whose word about a client's address is believed. What a range is, the client-ip room says.
import type { Path } from '../problem.ts'
import type { Rule } from '../rule.ts'

type Ranges = readonly (string | undefined)[] | undefined
interface Found { readonly text: string, readonly path: Path }

function prefixOf (range: string): number | undefined {
  const [, prefix] = range.split('/')
  return prefix === undefined ? undefined : Number(prefix)
}

function findRanges (ranges: Ranges, path: Path, isMeant: (range: string) => boolean): readonly Found[] {
  return (ranges ?? []).flatMap((text, index) => text !== undefined && isMeant(text) ? [{ text, path: [...path, index] }] : [])
}

const isEverything = (range: string) => prefixOf(range) === 0

const isVeryWide = (range: string) => {
  const prefix = prefixOf(range)
  return prefix !== undefined && prefix > 0 && prefix < (range.includes(':') ? 16 : 8)
}

export const refuseAnyAddressUnasked: Rule = ({ config: { clientIp } }, report) => {
  const everything = findRanges(clientIp?.allow, ['clientIp', 'allow'], isEverything)
  if (clientIp?.anyAddress === false) {
    for (const { text, path } of everything) report.refuse(path, `is ${text}, everybody on the internet: name your own ranges, or set clientIp.anyAddress: true when that is meant.`)
  }
  if (clientIp?.anyAddress === true && everything.length === 0 && clientIp.allow?.every(range => range !== undefined) === true) {
    report.refuse(['clientIp', 'anyAddress'], 'is true but clientIp.allow has neither 0.0.0.0/0 nor ::/0: take the line away, or the next person believes that the allowlist is off.')
  }
}

export const refuseTrustInEverybody: Rule = ({ config: { clientIp } }, report) => {
  const proxies = findRanges(clientIp?.trustedProxies, ['clientIp', 'trustedProxies'], isEverything)
  const senders = findRanges(clientIp?.proxyProtocolFrom, ['clientIp', 'proxyProtocolFrom'], isEverything)
  for (const { text, path } of [...proxies, ...senders]) report.refuse(path, `is ${text}: then anybody could choose the address to come from. Name your load balancers.`)
}

export const refuseRestrictionsWithoutEffect: Rule = ({ config: { clientIp } }, report) => {
  for (const [index, entry] of (clientIp?.restrict ?? []).entries()) {
    const path = ['clientIp', 'restrict', index]
    for (const range of findRanges(entry?.allow, [...path, 'allow'], isEverything)) report.refuse(range.path, `is ${range.text}, which restricts nothing: name the narrower ranges.`)
    const isAboutSomething = entry === undefined || entry.mode === 'report' || ['people', 'groups', 'routes'].some(key => Object.hasOwn(entry, key))
    if (!isAboutSomething) report.refuse(path, 'does not say whom or what it is about: add people, groups or routes. A list for everybody belongs into clientIp.allow.')
  }
}

export const warnOfAllowlistOnTrial: Rule = ({ config: { clientIp } }, report) => {
  if (clientIp?.mode === 'report') report.warn(['clientIp', 'mode'], 'is report: nobody is refused for an address, and everybody who reaches the gateway gets its sign-in page. Take the line away when the trail shows the list to be right.')
}

export const warnOfVeryWideRanges: Rule = ({ config: { clientIp } }, report) => {
  for (const key of ['allow', 'trustedProxies', 'proxyProtocolFrom'] as const) {
    for (const { text, path } of findRanges(clientIp?.[key], ['clientIp', key], isVeryWide)) report.warn(path, `is ${text}, a large part of the internet: check that it is meant.`)
  }
}
