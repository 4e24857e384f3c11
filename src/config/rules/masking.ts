// Rules about masked fields that need to know the roles and the records beside them.
import { findClosestWord } from '../../shared/closest-word.ts'
import type { Rule, RuleInput } from '../rule.ts'

type Known = Readonly<Record<'roles' | 'records', readonly string[]>>

function listKnown ({ access, profile }: RuleInput['config']): Known {
  const types = [...access?.records ?? [], ...profile?.records ?? []].flatMap(record => record?.type === undefined || record.type === 'none' || record.type === 'refused' ? [] : [record.type])
  return { roles: Object.keys(access?.roles ?? {}), records: [...new Set(types)] }
}

export const requireKnownNamesInMasks: Rule = ({ config }, report) => {
  const { access, masking, profile } = config
  const known = listKnown(config)
  // What is wrong with the profile is told already.
  const isProfileUnread = access !== undefined && 'profile' in access && profile === undefined
  for (const [index, rule] of (masking?.rules ?? []).entries()) {
    for (const list of isProfileUnread ? ['roles'] as const : ['roles', 'records'] as const) {
      for (const [at, name] of (rule?.[list] ?? []).entries()) {
        if (name !== undefined && !known[list].includes(name)) report.refuse(['masking', 'rules', index, list, at], explainUnknown(name, list, known[list]))
      }
    }
  }
}

function explainUnknown (name: string, list: keyof Known, known: readonly string[]): string {
  const close = findClosestWord(name, known)
  const hint = close === undefined ? `: nothing would be masked.${known.length === 0 ? '' : ` There are ${known.join(', ')}.`}` : `: did you mean ${close}?`
  return `is ${name}, which is not ${list === 'roles' ? 'in access.roles' : 'a type in access.records or the profile'}${hint}`
}

export const warnOfUnclassifiedBesideMasks: Rule = ({ config: { access, masking } }, report) => {
  if ((masking?.rules?.length ?? 0) === 0 || access?.unclassified !== 'allow') return
  report.warn(['masking', 'rules'], 'mask nothing on routes that access.records does not classify: when sallyport coverage lists nothing more, write access.unclassified: refuse.')
}

export const requireSearchPlaces: Rule = ({ config: { access, masking, profile } }, report) => {
  const records = [...access?.records ?? [], ...profile?.records ?? []]
  const told = new Set((masking?.searches ?? []).flatMap(search => search?.records ?? []))
  for (const [index, rule] of (masking?.rules ?? []).entries()) {
    if (rule === undefined || rule.action === 'show' || rule.kinds?.includes('search') === false) continue
    const open = rule.records?.find(type => !told.has(type) && records.some(record => record?.type === type && record?.kind === 'search'))
    if (open === undefined) continue
    told.add(open)
    report.refuse(['masking', 'rules', index, 'records'], `masks ${open}, which access.records or the profile searches, and masking.searches does not say how: a search that looks at a masked field tells what is in it. ` +
      `Add searches: [{ records: [${open}], text: [query.q], over: [name] }], with the places and fields of your CRM.`)
  }
}
