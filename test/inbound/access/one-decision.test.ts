import fc from 'fast-check'
import t from 'tap'
import { parseContent } from '../../../src/inbound/access/content.ts'
import { Denial } from '../../../src/shared/errors.ts'
import { readCases } from '../../support/profile-cases.ts'
import { askOf, buildAccess, readAccess, readProfile, role, targetOf } from './build-access.ts'

const room = buildAccess(readAccess(`
roles: { nurse: { groups: [nurses], deny: ['* /admin/**'] } }
records:
  - { route: 'GET /patients/new', type: none }
  - { route: 'GET /patients/{id}', type: patient, kind: read }
  - { route: 'GET /patients/{patient}/notes', type: note, kind: list }
  - { route: '* /index.php', type: note, kind: delete, when: { request.module: [Notes], request.action: [Delete] }, id: request.record }
  - { route: '* /index.php', type: note, kind: read, when: { request.module: [Notes] }, id: request.record }
  - { route: '* /index.php', type: patient, kind: export, when: { query.entryPoint: [export] } }
  - { route: '* /index.php', type: lead, kind: read }
rules:
  - { effect: deny, kinds: [delete, export] }
  - { effect: allow, records: [patient, lead] }
  - { effect: allow, records: [note], kinds: [read] }
`))
const ask = askOf(room)
const nurse = { id: 'n', groups: ['nurses'] }

/** What came of it; undefined: it was refused because it can be read in two ways. */
function decide (request: string, form?: string): string | undefined {
  let question
  try {
    targetOf(request)
    question = ask(nurse, request)
  } catch (error) {
    if (error instanceof Denial) return undefined
    throw error
  }
  const content = parseContent({ text: form ?? '', type: 'application/x-www-form-urlencoded', coding: undefined })
  if (content === undefined) return undefined
  const answer = room.explain({ ...question, content })
  if (!answer.isAllowed && answer.refusal.reason === 'access.twoReadings') return undefined
  const { rule, record } = answer.isAllowed ? answer.decision : answer.refusal
  return JSON.stringify([answer.isAllowed, rule, record?.type, record?.kind, record?.id?.toLowerCase()])
}

type Choices = { next(): { readonly value: number } }
const choose = <T>(choices: Choices, list: readonly T[]) => list[choices.next().value % list.length] as T

const hex = (character: string) => [...Buffer.from(character)].map(byte => `%${byte.toString(16)}`).join('')

/** One character in one of the ways that servers take for it. */
function spell (character: string, choices: Choices): string {
  return choose(choices, [character, character, character, character.toUpperCase(), hex(character), hex(character).toUpperCase(), hex(character.toUpperCase())])
}

/** In the letters that it has. */
const escapeSome = (text: string, choices: Choices) => [...text].map(character => choose(choices, [character, character, hex(character), hex(character).toUpperCase()])).join('')

const spellAll = (text: string, choices: Choices) => [...text].map(character => spell(character, choices)).join('')

const oddNames = [(name: string) => name, (name: string) => `${name}[]`, (name: string) => `+${name}`, (name: string) => `${name}%5b0%5D`, (name: string) => `${name}+`]

function spellQuery (fields: ReadonlyArray<readonly [string, string]>, choices: Choices): string {
  const parts = fields.map(([name, value]) => {
    const odd = choose(choices, [0, 0, 0, 1, 2, 3, 4])
    return `${(oddNames[odd] as (name: string) => string)(choose(choices, [name, spellAll(name, choices)]))}=${choose(choices, ['', '+', '', ''])}${choose(choices, [escapeSome, escapeSome, spellAll])(value, choices)}`
  })
  const unrelated = choose(choices, [[], ['x=1'], ['a=%20', 'b'], ['b;c=1']])
  const all = [...parts, ...unrelated]
  return (choose(choices, [true, false]) ? all.reverse() : all).join('&')
}

/** Only as every server takes it: other spellings are refused, and most queries have one. */
function escapeQuery (fields: ReadonlyArray<readonly [string, string]>, choices: Choices): string {
  return fields.map(([name, value]) => `${escapeSome(name, choices)}=${escapeSome(value, choices)}`).join('&')
}

const infinite = fc.infiniteStream(fc.nat(1_000_003)) as unknown as fc.Arbitrary<Choices>

t.test('property: no two spellings of a path get two decisions', async t => {
  const paths = ['/patients/new', '/patients/42', '/patients/ab', '/patients/42/notes', '/admin/x', '/index.php', '/leads']
  const seen = new Set<string | undefined>()
  fc.assert(fc.property(fc.constantFrom(...paths), infinite, (path, choices) => {
    const plain = decide(`GET ${path}`)
    const spelled = `${choose(choices, ['GET', 'HEAD'])} /${path.slice(1).split('/').map(segment => spellAll(segment, choices)).join('/')}${choose(choices, ['', '/', '.', '%20', '?', '/?'])}`
    const other = decide(spelled)
    seen.add(other)
    if (other !== undefined && other.replaceAll(/[. ]+"\]$/g, '"]') !== plain) throw new Error(`${spelled}: ${other}, but ${path}: ${plain}`)
  }), { numRuns: 20_000 })
  t.ok(seen.size >= 6, `${seen.size} different outcomes were reached`)
})

t.test('property: no two spellings of a query get two decisions', async t => {
  const requests = [
    [['module', 'Notes'], ['action', 'Delete'], ['record', '5']], [['module', 'Notes'], ['record', '5']], [['entryPoint', 'x'], ['module', 'leads']], [['module', 'Notes'], ['action', 'edit']],
  ] as const
  let same = 0
  fc.assert(fc.property(fc.constantFrom(...requests), infinite, (fields, choices) => {
    const plain = decide(`GET /index.php?${fields.map(field => field.join('=')).join('&')}`)
    const query = spellQuery(fields, choices)
    const other = decide(`GET /index.php?${query}`)
    if (other === plain) same += 1
    if (other !== undefined && other !== plain) throw new Error(`${query}: ${other}, but plainly: ${plain}`)
  }), { numRuns: 20_000 })
  t.ok(same > 400, `${same} spellings passed`)
})

t.test('property: where a field stands, in the query or in the form, changes nothing; and one server\'s choice of two never counts', async t => {
  const fields = [['module', 'Notes'], ['action', 'Delete'], ['record', '5']] as const
  const plain = decide('POST /index.php?module=Notes&action=Delete&record=5')
  t.match(plain, /false,"access.rules\[0\]"/)
  let refused = 0
  let same = 0
  fc.assert(fc.property(infinite, fc.boolean(), (choices, isDoubled) => {
    const places = fields.map(field => ({ field, inForm: choose(choices, [true, false]) }))
    const extra = isDoubled ? [{ field: choose(choices, [['action', 'edit'], ['module', 'leads'], ['record', '6']] as const), inForm: choose(choices, [true, false]) }] : []
    const of = (inForm: boolean) => [...places, ...extra].filter(place => place.inForm === inForm).map(place => place.field)
    const write = choose(choices, [spellQuery, escapeQuery])
    const other = decide(`POST /index.php?${write(of(false), choices)}`, write(of(true), choices))
    if (isDoubled) {
      if (other !== undefined) throw new Error(`doubled, and yet ${other}`)
      refused += 1
    } else if (other === plain) same += 1
    else if (other !== undefined) throw new Error(`${other}, but plainly: ${plain}`)
  }), { numRuns: 10_000 })
  t.ok(refused > 1000 && same > 1000, `${refused} refused, ${same} alike`)
})

t.test('property: no two spellings of what a real CRM\'s pages ask for are two records', async t => {
  for (const name of ['suitecrm', 'dolibarr', 'espocrm']) {
    const profiled = buildAccess({ roles: { nurse: role({ groups: ['nurses'] }) } }, readProfile(name))
    const classify = (request: string): string | undefined => {
      try {
        const found = profiled.classify({ target: targetOf(request), content: { kind: 'none' } })
        if (found.kind === 'twoWays') return undefined
        return found.kind === 'record' ? JSON.stringify([found.record.type, found.record.kind, found.record.id?.toLowerCase(), found.record.patient?.toLowerCase()]) : found.kind
      } catch (error) {
        if (error instanceof Denial) return undefined
        throw error
      }
    }
    const asked = readCases(name).map(({ ask: request }) => request).filter(request => request.includes('?') && !/%|\[|;/.test(request) && classify(request) !== undefined)
    t.ok(asked.length >= 5, `${name}: ${asked.length} requests`)
    let same = 0
    fc.assert(fc.property(fc.constantFrom(...asked), infinite, (request, choices) => {
      const [path = '', query = ''] = request.split('?')
      const spelled = `${path}?${spellQuery(query.split('&').map(field => [field.split('=')[0] ?? '', field.split('=')[1] ?? ''] as const), choices)}`
      const other = classify(spelled)
      if (other === classify(request)) same += 1
      else if (other !== undefined) throw new Error(`${spelled}: ${other}, but plainly ${request}: ${classify(request)}`)
    }), { numRuns: 4000 })
    t.ok(same > 50, `${name}: ${same} spellings passed`)
  }
})
