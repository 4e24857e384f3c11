// Rules about masked fields that need to know the roles and the records beside them.
import { findClosestWord } from '../../shared/closest-word.ts'
import type { Rule } from '../rule.ts'

export const requireKnownNamesInMasks: Rule = ({ config: { access, masking, profile } }, report) => {
  const types = [...new Set([...access?.records ?? [], ...profile?.records ?? []].flatMap(record => record?.type === undefined || record.type === 'none' || record.type === 'refused' ? [] : [record.type]))]
  const known = { roles: Object.keys(access?.roles ?? {}), records: types } as const
  for (const [index, rule] of (masking?.rules ?? []).entries()) {
    for (const list of ['roles', 'records'] as const) {
      for (const [at, name] of (rule?.[list] ?? []).entries()) {
        if (name === undefined || known[list].includes(name)) continue
        const close = findClosestWord(name, known[list])
        const hint = close === undefined ? ': nothing would be masked.' : `: did you mean ${close}?`
        report.refuse(['masking', 'rules', index, list, at], `is ${name}, which is not ${list === 'roles' ? 'in access.roles' : 'a type in access.records'}${hint}`)
      }
    }
  }
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
    report.refuse(['masking', 'rules', index, 'records'], `masks ${open}, which access.records searches, and masking.searches does not say how: a search that looks at a masked field tells what is in it. Add an entry with text and over.`)
  }
}
