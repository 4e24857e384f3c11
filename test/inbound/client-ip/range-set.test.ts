import fc from 'fast-check'
import t from 'tap'
import { addressFromBytes, parseAddress, parseAddressRange, type Address } from '../../../src/inbound/client-ip/address.ts'
import { createKnownAddresses } from '../../../src/inbound/client-ip/known-addresses.ts'
import { compileRangeSet, type RangeSet } from '../../../src/inbound/client-ip/range-set.ts'

interface Drawn { readonly bits: 32 | 128, readonly value: bigint, readonly length: number }

/** Addresses of few distinct high bits, so that ranges meet, touch and hold each other. */
const drawn = fc.oneof(
  fc.record({ bits: fc.constant(32 as const), value: fc.oneof(fc.bigInt(0n, 0xffffffffn), fc.bigInt(0x0a000000n, 0x0a0000ffn)), length: fc.integer({ min: 0, max: 32 }) }),
  fc.record({
    bits: fc.constant(128 as const),
    value: fc.oneof(fc.bigInt(0n, (1n << 128n) - 1n), fc.bigInt(0n, 255n).map(low => (0x20010db8n << 96n) + low)),
    length: fc.integer({ min: 0, max: 128 }),
  }),
)

/** Written by hand, in the long form: the code under test must not be its own reference. */
function write ({ bits, value }: Drawn): string {
  const [size, count] = bits === 32 ? [8n, 4] : [16n, 8]
  const parts = Array.from({ length: count }, (_, index) => (value >> (size * BigInt(count - 1 - index))) & ((1n << size) - 1n))
  return bits === 32 ? parts.join('.') : parts.map(part => part.toString(16)).join(':')
}

const shiftOf = (one: Drawn) => BigInt(one.bits - one.length)
const isMapped = (one: Drawn) => one.bits === 128 && one.value >> 32n === 0xffffn
const rangeOf = (one: Drawn): Drawn => ({ ...one, value: (one.value >> shiftOf(one)) << shiftOf(one) })

t.test('property: membership is that of a naive reference', async () => {
  let inside = 0
  fc.assert(fc.property(fc.array(drawn, { maxLength: 12 }), fc.array(drawn, { minLength: 1, maxLength: 12 }), fc.nat(), (rows, others, pick) => {
    const ranges = rows.map(rangeOf).filter(range => !isMapped(range))
    const set = compileRangeSet(ranges.map(range => `${write(range)}/${range.length}`))
    const edge = ranges[pick % Math.max(1, ranges.length)]
    const last = edge === undefined ? [] : [{ ...edge, value: edge.value + (1n << shiftOf(edge)) - 1n }]
    const next = last.map(one => ({ ...one, value: (one.value + 1n) % (1n << BigInt(one.bits)) }))
    for (const asked of [...others, ...ranges, ...last, ...next].filter(one => !isMapped(one))) {
      const expected = ranges.some(range => range.bits === asked.bits && range.value >> shiftOf(range) === asked.value >> shiftOf(range))
      if (expected) inside += 1
      if (set.has(parseAddress(write(asked)) as Address) !== expected) throw new Error(`${write(asked)} in ${ranges.map(range => `${write(range)}/${range.length}`).join(' ')}`)
    }
  }), { numRuns: 3000 })
  if (inside < 3000) throw new Error('too few addresses lay inside to say anything')
})

t.test('property: an address reads the same from its text and its bytes, and its own text reads the same again', async () => {
  fc.assert(fc.property(drawn, one => {
    const bytes = Array.from({ length: one.bits / 8 }, (_, index) => Number((one.value >> BigInt(one.bits - 8 * (index + 1))) & 255n))
    const [fromText, fromBytes] = [parseAddress(write(one)), addressFromBytes(bytes)]
    const again = parseAddress(fromText?.text ?? '')
    for (const other of [fromBytes, again]) {
      if (other?.value !== fromText?.value || other?.family !== fromText?.family || other?.text !== fromText?.text) throw new Error(write(one))
    }
    if (fromText?.value !== (isMapped(one) ? one.value & 0xffffffffn : one.value)) throw new Error(write(one))
  }), { numRuns: 2000 })
})

t.test('bytes of another number, and ranges that are none, throw', async t => {
  for (const length of [0, 3, 5, 15, 17]) t.throws(() => addressFromBytes(Array.from({ length }, () => 0)), TypeError)
  for (const text of ['10.0.0.5/8', 'x', '']) {
    t.throws(() => parseAddressRange(text), TypeError)
    t.throws(() => compileRangeSet(['192.0.2.1', text]), TypeError)
  }
  t.match(parseAddressRange('10.0.0.0/8'), { family: 4, first: 0x0a000000n, last: 0x0affffffn })
})

t.test('a list without ranges holds nobody', async t => {
  const empty = compileRangeSet([])
  for (const text of ['0.0.0.0', '127.0.0.1', '::', '::1']) t.notOk(empty.has(parseAddress(text) as Address), text)
  t.notOk(empty.isEverybody)
})

const lists = (allow: RangeSet) => ({ allow, trustedProxies: compileRangeSet(['192.0.2.0/28']), proxyProtocolFrom: compileRangeSet(['192.0.2.8']) })

t.test('what is known about an address', async t => {
  const known = createKnownAddresses(lists(compileRangeSet(['203.0.113.0/24'])))
  for (const round of ['first', 'again']) {
    t.match(known.look('192.0.2.8'), { isAllowed: false, isTrustedProxy: true, isProxyProtocolPeer: true }, round)
    t.match(known.look('::ffff:203.0.113.7'), { address: { text: '203.0.113.7' }, isAllowed: true, isTrustedProxy: false, isProxyProtocolPeer: false }, round)
    t.equal(known.look('203.0.113.007'), undefined, round)
  }
})

t.test('what is remembered is bounded: the oldest is judged again, a late one is not', async t => {
  let judged = 0
  const known = createKnownAddresses(lists({ isEverybody: false, has () { judged += 1; return false } }))
  const flood = (count: number) => { for (let n = 0; n < count; n++) known.look(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`) }
  flood(8192)
  t.equal(judged, 8192)
  flood(8192)
  t.equal(judged, 8192, 'all remembered')
  known.look('10.1.0.0')
  t.equal(judged, 8193)
  known.look('10.0.31.255')
  t.equal(judged, 8193, 'the newest but one is still known')
  known.look('10.0.0.0')
  t.equal(judged, 8194, 'the oldest made room')
})

t.test('what is no address is never remembered', async t => {
  let judged = 0
  const known = createKnownAddresses(lists({ isEverybody: false, has () { judged += 1; return true } }))
  known.look('10.0.0.0')
  for (let n = 0; n < 20_000; n++) known.look(`x${n}`)
  known.look('10.0.0.0')
  t.equal(judged, 1, 'garbage pushes nothing out')
})

t.test('10,000 ranges cost at most three times what ten cost', async t => {
  const few = compileRangeSet(Array.from({ length: 10 }, (_, n) => `10.0.${n * 2}.0/24`))
  const many = compileRangeSet(Array.from({ length: 10_000 }, (_, n) => `10.${n >> 7}.${(n * 2) & 255}.0/24`))
  /** Every text is new to its room, so that each look is a reading and a search. */
  const measure = (set: RangeSet) => {
    const known = createKnownAddresses(lists(set))
    const began = process.cpuUsage()
    for (let n = 0; n < 20_000; n++) known.look(`10.${n % 160}.${(n * 7) & 255}.${n >> 8}`)
    const used = process.cpuUsage(began)
    return used.user + used.system
  }
  measure(few)
  measure(many)
  const best = (set: RangeSet) => Math.min(...Array.from({ length: 5 }, () => measure(set)))
  const [ten, tenThousand] = [best(few), best(many)]
  t.ok(tenThousand <= 3 * ten, `${tenThousand} µs against ${ten} µs`)
})
