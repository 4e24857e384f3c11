// Which agreement is in force when, and when somebody is told that it runs out.
import t from 'tap'
import { createAgreementWatch, createAssociatesRoom } from '../../src/outbound/associates/associates.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createMovableClock } from '../support/clock.ts'
import { associate } from '../support/outbound-place.ts'

const at = (text: string) => Date.parse(text)
const agreement = { ...associate, signed: '2026-04-01', expires: '2027-03-31', kinds: ['phone'] as const }
const room = createAssociatesRoom([{ ...agreement, kinds: [...agreement.kinds] }], new Map([['leads', 'vendor'], ['other', 'vendor']]))

t.test('from its first day to the end of its last', async t => {
  const isLive = (text: string) => room.coverageOf('leads', at(text)).associate !== undefined
  t.same(['2026-03-31T23:59:59.999Z', '2026-04-01T00:00:00Z', '2027-03-31T23:59:59.999Z', '2027-04-01T00:00:00Z'].map(isLive), [false, true, true, false])
})

t.test('for the destinations that both sides name', async t => {
  t.equal(room.coverageOf('leads', at('2026-05-01')).associate?.name, 'vendor')
  t.equal(room.coverageOf('other', at('2026-05-01')).associate, undefined, 'the agreement does not name it')
  t.equal(room.coverageOf('third', at('2026-05-01')).associate, undefined)
})

t.test('states and days', async t => {
  const ask = (text: string) => room.agreements(at(text)).map(({ state, daysLeft, warning }) => [state, daysLeft, warning])[0]
  t.same(ask('2026-03-01'), ['notBegun', 396, undefined])
  t.same(ask('2027-01-30T12:00:00Z'), ['live', 61, undefined])
  t.same(ask('2027-01-31'), ['expiring', 60, 60])
  t.same(ask('2027-03-02'), ['expiring', 30, 30])
  t.same(ask('2027-03-25'), ['expiring', 7, 7])
  t.same(ask('2027-03-31T23:00:00Z'), ['expiring', 1, 7])
  t.same(ask('2027-04-01'), ['expired', 0, undefined])
})

t.test('told at 60, 30 and 7 days and at the end, once each; and how it stands at a start', async t => {
  const clock = createMovableClock(at('2027-01-29T09:00:00Z'))
  const lines: string[] = []
  const log = createLogger({ level: 'info', name: 'test', destination: { write: line => { lines.push(line) } } })
  const said = () => lines.splice(0).map(line => JSON.parse(line) as { msg: string, daysLeft?: number }).map(({ msg, daysLeft }) => [msg, daysLeft])
  const look = createAgreementWatch({ associates: room, clock, log })
  clock.every(3_600_000, look)
  await clock.advance(64 * 86_400_000)
  t.same(said(), [['associate.expires', 60], ['associate.expires', 30], ['associate.expires', 7], ['associate.expired', undefined]])
  createAgreementWatch({ associates: room, clock, log })
  t.same(said(), [['associate.expired', undefined]])
})
