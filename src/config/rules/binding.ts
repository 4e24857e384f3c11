// Rules about the binding of sessions: it must name what there is, and say for whom.
import { findClosestWord } from '../../shared/closest-word.ts'
import type { Path } from '../problem.ts'
import type { Report, Rule } from '../rule.ts'

const bindingPath: Path = ['session', 'binding']

export const requireCertificatesForBinding: Rule = ({ config: { listeners, session } }, report) => {
  const mode = listeners?.public?.tls?.clientCertificates?.mode
  if (mode === undefined || mode !== 'off') return
  const refuse = (path: Path) => {
    report.refuse(path, 'is certificate, but listeners.public.tls.clientCertificates.mode is off: nobody would be asked for one, and nobody could sign in. Write request or require there, with an authority.')
  }
  if (session?.binding?.to === 'certificate') refuse([...bindingPath, 'to'])
  for (const [index, entry] of (session?.binding?.overrides ?? []).entries()) if (entry?.to === 'certificate') refuse([...bindingPath, 'overrides', index, 'to'])
}

export const requireWhomInOverrides: Rule = ({ config: { access, session } }, report) => {
  for (const [index, entry] of (session?.binding?.overrides ?? []).entries()) {
    if (entry === undefined) continue
    const path = [...bindingPath, 'overrides', index]
    if (!['people', 'groups', 'roles'].some(name => name in entry)) report.refuse(path, 'says for nobody in particular: add people, groups or roles, or write it as session.binding.to.')
    for (const [at, role] of (entry.roles ?? []).entries()) requireRole(role, [...path, 'roles', at], { known: Object.keys(access?.roles ?? {}), report })
  }
}

function requireRole (role: string | undefined, path: Path, { known, report }: { readonly known: readonly string[], readonly report: Report }): void {
  if (role === undefined || known.includes(role)) return
  const close = findClosestWord(role, known)
  report.refuse(path, `is ${role}, which is not in access.roles${close === undefined ? ': it would be for nobody.' : `: did you mean ${close}?`}`)
}

/** IPv6 browsers change the second half of their address by themselves, about once a day. */
export const warnOfAddressesThatChange: Rule = ({ config: { clientIp, session } }, report) => {
  const hasIpv6 = (clientIp?.allow ?? []).some(range => range?.includes(':') === true)
  if (hasIpv6 && session?.binding?.to === 'address') report.warn([...bindingPath, 'to'], 'is address, and clientIp.allow has IPv6, where machines change their address by themselves about once a day: write network, or people sign in again each time.')
}
