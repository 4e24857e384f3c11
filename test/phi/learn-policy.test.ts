// A proposed policy is one that the reader takes, it has no value of a message in it, and with it nothing that was planted in the same messages leaves.
import fc from 'fast-check'
import t from 'tap'
import { createSurvey, proposePolicy, type Message, type Proposal } from '../../src/phi/phi.ts'
import { createNote, createPerson, createRandom, leftOf, readable, type Planted, type Random } from '../support/phi-corpus.ts'
import { createLetter } from '../support/phi-letters.ts'
import { redactorOf, redactWith } from '../support/phi-policy.ts'

const json = (value: unknown): Message => ({ type: 'application/json', body: Buffer.from(JSON.stringify(value)) })

function learn (messages: readonly Message[]): Proposal {
  const survey = createSurvey()
  for (const message of messages) survey.add(message)
  return proposePolicy(survey.result(), 'learned')
}

const ruleFor = ({ rules }: Proposal, path: string) => rules.find(rule => rule.path === path)
const written = ({ rules }: Proposal) => rules.map(rule => JSON.stringify(rule)).join('\n')

const contact = (random: Random, index: number) => {
  const person = createPerson(random, index % 2 === 0)
  return {
    event: random.pick(['contact.created', 'contact.updated']),
    isTest: random.below(2) === 0,
    contact: {
      first_name: person.first,
      lastName: person.last,
      emails: [{ value: person.email, isPrimary: true }],
      mobile: person.phone,
      phones: [person.phone],
      dateOfBirth: `19${40 + random.below(50)}-0${1 + random.below(9)}-1${random.below(9)}`,
      mrn: person.mrn,
      zip: person.zip,
      age: random.below(99),
      country: 'US',
      initials: random.pick(['US', 'CA', 'JO']),
    },
    amount: 20 + random.below(900),
    score: random.below(100),
    externalRef: Number(random.digits(9)),
    note: createNote(random).text,
  }
}

const people = (seed: number, count = 60) => {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, index) => contact(random, index))
}

t.test('kinds come from the forms of the values and the names of the fields', async t => {
  const proposal = learn(people(3).map(json))
  const actions = Object.fromEntries(proposal.rules.map(({ path, action, kind, format, to, maximum }) => [path, [action, kind ?? format ?? maximum, ...(to === undefined ? [] : [to])].join(' ').trim()]))
  t.match(actions, {
    'contact.first_name': 'mask name',
    'contact.lastName': 'mask name',
    'contact.emails[].value': 'mask email',
    'contact.emails[].isPrimary': 'keep boolean',
    'contact.mobile': 'mask phone',
    'contact.phones[]': 'mask phone',
    'contact.dateOfBirth': 'generalise date year',
    'contact.mrn': 'mask mrn',
    'contact.zip': 'generalise zip zip3',
    'contact.age': 'generalise age age90',
    'contact.country': 'keep country',
    isTest: 'keep boolean',
    amount: 'keep 1000',
    score: 'keep 100',
  })
  for (const path of ['event', 'externalRef', 'note', 'contact.initials']) t.equal(ruleFor(proposal, path)?.action, 'mask', path)
  t.match(ruleFor(proposal, 'event')?.why, /2 different: if none of them tells of a person, action: keep with oneOf/)
  t.match(ruleFor(proposal, 'note')?.why, /action: prose .* agreement/)
  t.equal(proposal.policy.unknown, 'mask')
})

t.test('names that are data are folded into a wildcard, and go', async t => {
  const random = createRandom(11)
  const keyed = Array.from({ length: 30 }, (_, index) => {
    const person = createPerson(random, false)
    return { person, message: { byId: { [person.mrn]: { phone: person.phone }, status: { text: 'x' } }, byMail: { [person.email]: { count: index } }, byName: { [person.last.toLowerCase()]: { seen: true }, [person.first.toLowerCase()]: { seen: true } } } }
  })
  const proposal = learn(keyed.map(({ message }) => json(message)))
  t.ok(ruleFor(proposal, 'byId.*') ?? ruleFor(proposal, 'byId.*.phone'))
  t.ok(ruleFor(proposal, 'byMail.*.count'))
  t.match(ruleFor(proposal, 'byName.*'), { action: 'drop' })
  const text = written(proposal).toLowerCase()
  const redactor = redactorOf(proposal.policy.rules)
  for (const { person, message } of keyed) {
    const out = redactWith(redactor, 'application/json', JSON.stringify(message))
    for (const value of [person.mrn, person.email, person.last.toLowerCase(), person.first.toLowerCase(), person.phone]) {
      t.notOk(text.includes(value.toLowerCase()), `${value} is in the policy`)
      t.notOk(out.includes(value), `${value} is in ${out}`)
    }
  }
})

t.test('a name that is the value of another field is not shown, however often it was seen', async t => {
  const proposal = learn(Array.from({ length: 20 }, () => json({ who: 'Kavenro', kavenro: { x: 1 }, hs_flag: 'a' })))
  t.notMatch(written(proposal), /kavenro/i)
  t.ok(ruleFor(proposal, 'hs_flag'))
})

t.test('all of one build is keyed by data, though each name is a word', async t => {
  const proposal = learn([json({ byOwner: { card: { date: 'x' }, field: { date: 'y' }, page: { date: 'z' } } })])
  t.notOk(proposal.rules.some(({ path }) => /card|field|page/.test(path)))
  t.ok(proposal.hiddenNames >= 3)
})

t.test('what is packed is looked into, other formats have their own paths', async t => {
  const packed = learn([json({ payload: JSON.stringify({ email: 'jane.roe@mail.example' }) })])
  t.match(ruleFor(packed, 'payload.email'), { action: 'mask', kind: 'email' })
  const form = learn([{ type: 'application/x-www-form-urlencoded', body: Buffer.from('contact[email]=jane.roe%40mail.example&fax=212-555-0100') }])
  t.match(ruleFor(form, 'contact.email'), { kind: 'email' })
  t.match(ruleFor(form, 'fax'), { kind: 'fax' })
  const csv = learn([{ type: 'text/csv', body: Buffer.from('first_name,Jane Roe\nJane,x\nAnn,y\n') }])
  t.match(ruleFor(csv, '[].first_name'), { kind: 'name' })
  t.notMatch(written(csv), /Jane|Roe/)
  const xml = learn([{ type: 'application/xml', body: Buffer.from('<lead id="7"><email>jane.roe@mail.example</email></lead>') }])
  t.match(ruleFor(xml, 'lead.email'), { kind: 'email' })
  t.match(learn([{ type: 'text/plain', body: Buffer.from('Call Jane Roe') }]).rules, [{ path: '**', action: 'mask' }])
})

t.test('what cannot be read is counted by its reason', async t => {
  const survey = createSurvey()
  t.equal(survey.add(json({ status: 'new' })), undefined)
  t.equal(survey.add({ type: 'application/json', body: Buffer.from('{') }), 'notJson')
  t.equal(survey.add({ type: 'application/pdf', body: Buffer.from('') }), 'unknownType')
  t.same([...survey.result().held], [['notJson', 1], ['unknownType', 1]])
})

/** Messages of any build: values are planted everywhere, under names of fields and as names. */
function plantAnywhere (random: Random, depth: number, planted: Planted[]): unknown {
  const person = createPerson(random, random.below(2) === 0)
  const plant = (kind: string, value: string) => { planted.push({ kind, value }); return value }
  const text = () => {
    const note = random.below(2) === 0 ? createNote(random) : createLetter(random)
    planted.push(...note.planted)
    return note.text
  }
  const leaves = [
    () => plant('name', `${person.first} ${person.last}`), () => plant('email', person.email), () => plant('phone', person.phone), () => plant('ssn', person.ssn), () => plant('mrn', person.mrn),
    () => plant('address', person.street), () => Number(plant('other', `1${random.digits(8)}`)), () => random.below(2) === 0, text,
  ]
  if (depth === 0) return random.pick(leaves)()
  if (random.below(4) === 0) return Array.from({ length: 1 + random.below(3) }, () => plantAnywhere(random, depth - 1, planted))
  const names = ['name', 'status', 'country', 'state', 'amount', 'is_active', 'note', 'hs_custom', 'version', 'data', 'score', 'language', 'zip', 'age', 'created_at']
  const entries = Array.from({ length: 1 + random.below(5) }, () => [random.below(6) === 0 ? plant('key', random.pick([person.email, person.mrn, `${person.first} ${person.last}`])) : random.pick(names), plantAnywhere(random, depth - 1, planted)] as const)
  return Object.fromEntries(entries)
}

t.test('whatever messages are like: the policy is valid, without their values, and nothing planted leaves by it', async t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1 << 30 }), fc.integer({ min: 1, max: 12 }), (seed, count) => {
    const random = createRandom(seed)
    const messages = Array.from({ length: count }, () => {
      const planted: Planted[] = []
      const body = JSON.stringify(plantAnywhere(random, 3, planted))
      // A later member of one name stands in place of an earlier one, and its values with it.
      return { body, planted: planted.filter(({ value }) => body.includes(JSON.stringify(value).slice(1, -1))) }
    })
    const proposal = learn(messages.map(({ body }) => ({ type: 'application/json', body: Buffer.from(body) })))
    const policy = written(proposal)
    const redactor = redactorOf(proposal.policy.rules)
    for (const { body, planted } of messages) {
      const out = redactWith(redactor, 'application/json', body)
      if (out.startsWith('held')) throw new Error(out)
      for (const value of planted) {
        if (readable(value.value).length > 3 && policy.includes(value.value)) throw new Error(`${value.value} is in ${policy}`)
        const left = leftOf(value, { text: '', planted: [] }, out).filter(word => word.length > 3 && !/^\d{4}$/.test(word) && !['name', 'date', 'false', 'redacted', 'data'].includes(word))
        if (left.length > 0) throw new Error(`${left.join(', ')} of ${body}\nis left in ${out}\nby ${policy}`)
      }
    }
  }), { numRuns: 150, seed: 6 })
  t.pass('150 sets of messages')
})
