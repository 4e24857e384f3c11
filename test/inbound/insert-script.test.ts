// What the CRM is asked to pack a page with: gzip where that is taken, by browsers alone; whoever else asks is passed on as they ask.
import t from 'tap'
import type { Exchange } from '../../src/inbound/exchange.ts'
import type { Admitted } from '../../src/inbound/pipeline.ts'
import { insertScript } from '../../src/inbound/insert-script.ts'
import type { InboundRooms } from '../../src/inbound/rooms.ts'

const ways: unknown[] = []
const rooms = {
  idle: { leftOf: () => 1, markOf: () => 'k3Jx9Qa2bC0-_zZ1', insert: (_answer: unknown, way: unknown) => { ways.push(way); return undefined } }, clock: { now: () => 0 }, pages: { languageOf: () => 'en' },
} as unknown as InboundRooms
const ask = (headers: Readonly<Record<string, string>>, method = 'GET') => insertScript({ method, session: { principal: {} } } as Admitted, headers, { rooms, exchange: {} as Exchange })
const page = { accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }

for (const [accepted, expected] of [
  ['gzip, deflate, br, zstd', 'gzip'], ['br;q=1.0, gzip;q=0.5', 'gzip'], ['GZIP', 'gzip'], ['x-gzip', 'gzip'], ['br,gzip ; q=0.001', 'gzip'], ['gzip;q=1', 'gzip'],
  ['br', undefined], ['gzip;q=0', undefined], ['gzip;q=0.000, br', undefined], ['identity', undefined], ['*', undefined], ['', undefined], ['gzipped', undefined], ['gzip;level=1', undefined],
] as const) {
  t.test(`${accepted}: ${expected ?? 'as it is'}`, async t => { t.equal(ask({ ...page, 'accept-encoding': accepted }).acceptEncoding, expected) })
}

t.test('a program, and whatever gets no script, is passed on as it asks', async t => {
  const gzip = { 'accept-encoding': 'gzip, br' }
  t.equal(ask({ accept: 'text/html', ...gzip }).acceptEncoding, undefined)
  t.same(ask({ accept: '*/*', 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors', ...gzip }), {})
  t.same(ask({ ...page, ...gzip }, 'HEAD'), {})
  t.same(ask({ accept: 'text/html', ...gzip, 'x-requested-with': 'XMLHttpRequest' }), {})
  t.equal(ask(page).acceptEncoding, undefined)
})

t.test('what is read as its standard says is known by what browsers say of a request', async t => {
  ask({ accept: 'text/html' }).change?.({ statusCode: 200, headers: {} })
  ask({ ...page, 'sec-fetch-dest': 'iframe' }).change?.({ statusCode: 200, headers: {} })
  t.match(ways, [{ isBrowser: false }, { isBrowser: true }])
})
