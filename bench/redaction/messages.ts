// Our engine on whole messages, with its targets: webhooks of a CRM that are fields only, fields and notes, and HTML mails.
import type { PolicyFile } from '../../src/phi/config.ts'
import { compilePolicy, createProsePolicy, createRedactor, createVaultTokens, type Message, type Policy } from '../../src/phi/phi.ts'
import { createNote, createPerson, createRandom, type Random } from '../../test/support/phi-corpus.ts'
import { createLetter } from '../../test/support/phi-letters.ts'

export interface MessageFigure { readonly title: string, readonly value: number, readonly unit: 'MB/s' | 'ms', readonly target: string }

const policyFile: PolicyFile = {
  name: 'bench',
  version: 1,
  profile: 'safe-harbor',
  unknown: 'mask',
  deepest: 64,
  rules: [
    { path: '[].status', action: 'keep', oneOf: ['new', 'open', 'closed'] },
    { path: '[].score', action: 'keep', minimum: 0, maximum: 100 },
    { path: '[].note', action: 'prose' },
  ],
}

function createContact (random: Random, noteCount: number) {
  const { first, last, email, phone, birth, street, zip } = createPerson(random)
  return {
    id: Number(random.digits(9)),
    status: random.pick(['new', 'open', 'closed']),
    score: random.below(101),
    properties: { firstname: first, lastname: last, email, phone, date_of_birth: birth, address: street, zip, lifecyclestage: 'lead', hs_object_id: random.digits(10), createdate: `2026-0${1 + random.below(9)}-11T10:00:00Z` },
    ...(noteCount === 0 ? {} : { note: Array.from({ length: noteCount }, () => random.below(2) === 0 ? createNote(random).text : createLetter(random).text).join('\n') }),
  }
}

const toMessage = (type: string, body: string): Message => ({ type, body: Buffer.from(body) })

export function measureMessages (count: number): readonly MessageFigure[] {
  const random = createRandom(9)
  const { policy: notes } = compilePolicy(policyFile)
  const { policy: fields } = compilePolicy({ ...policyFile, rules: policyFile.rules.slice(0, 2) })
  const run = (policy: Policy, messages: readonly Message[]) => {
    const redactor = createRedactor({ policy, tokens: createVaultTokens(Buffer.alloc(32, 1), new Map()), now: () => 0 })
    const times: number[] = []
    for (const message of [...messages, ...messages]) {
      const began = performance.now()
      if (redactor.redact(message).held !== undefined) throw new Error('a message of the bench was held')
      times.push(performance.now() - began)
    }
    const measured = times.slice(messages.length)
    const bytes = messages.reduce((sum, { body }) => sum + body.length, 0)
    return { speed: bytes / 1e3 / measured.reduce((sum, time) => sum + time, 0), p99: measured.sort((left, right) => left - right)[Math.floor(measured.length * 0.99)] as number }
  }
  const json = (perMessage: number, noteCount: number) => Array.from({ length: count }, () => toMessage('application/json', JSON.stringify(Array.from({ length: perMessage }, () => createContact(random, noteCount)))))
  const mail = Array.from({ length: count }, () => toMessage('text/html', `<html><body>${Array.from({ length: 20 }, () => `<p>${createLetter(random).text}</p><div class="x"><b>${createPerson(random).first}</b></div>`).join('')}</body></html>`))
  return [
    { title: 'JSON, fields only', value: run(fields, json(25, 0)).speed, unit: 'MB/s', target: '60' },
    { title: 'JSON with notes', value: run(notes, json(15, 2)).speed, unit: 'MB/s', target: '15' },
    { title: 'HTML', value: run(createProsePolicy(), mail).speed, unit: 'MB/s', target: '10' },
    { title: 'webhook of 10 KB with notes, 99 of 100 below', value: run(notes, json(15, 2)).p99, unit: 'ms', target: '3' },
  ]
}
