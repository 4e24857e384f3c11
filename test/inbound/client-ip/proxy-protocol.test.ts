import fc from 'fast-check'
import t from 'tap'
import { crc32c } from '../../../src/inbound/client-ip/crc32c.ts'
import { parseProxyProtocolV2, prefixLength, restLengthOf } from '../../../src/inbound/client-ip/proxy-protocol.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const signature = '0d0a0d0a 000d0a51 5549540a'
// Written out byte for byte; the checksums were computed by another program.
const ipv4 = `${signature} 2111000c cb007109 c0a80102 d43101bb`
const ipv6 = `${signature} 21210024 20010db8000000000000000000000007 20010db8000000000000000000000001 d43101bb`
const ipv4WithChecksum = `${signature} 2111001b cb007109 c0a80102 d43101bb 01000268 32 030004 8783c29a 040000`
const ipv6WithChecksum = `${signature} 2121002b 20010db8000000000000000000000007 20010db8000000000000000000000001 d43101bb 030004 d35fc3fa`
const addresses4 = 'cb007109 c0a80102 d43101bb'

function withRest (start: string, rest: string): Buffer {
  const bytes = hex(rest)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([hex(`${signature} ${start}`), length, bytes])
}

t.test('the source of a connection over IPv4 and IPv6', async t => {
  t.same(parseProxyProtocolV2(hex(ipv4)), { source: '203.0.113.9' })
  t.same(parseProxyProtocolV2(hex(ipv6)), { source: '2001:db8::7' })
  t.same(parseProxyProtocolV2(withRest('2121', `00000000000000000000ffffcb007109 ${'00'.repeat(16)} d43101bb`)), { source: '203.0.113.9' }, 'IPv4-mapped')
})

t.test('a checksum is believed when right, and nothing is when it is wrong', async t => {
  t.same(parseProxyProtocolV2(hex(ipv4WithChecksum)), { source: '203.0.113.9' })
  t.same(parseProxyProtocolV2(hex(ipv6WithChecksum)), { source: '2001:db8::7' })
  for (const golden of [ipv4WithChecksum, ipv6WithChecksum]) {
    const header = hex(golden)
    const typeAt = header.indexOf('030004', 'hex')
    for (let at = prefixLength; at < header.length; at++) {
      if (at === typeAt) continue // another type makes it another attribute: then there is no checksum to hold against the header
      const broken = Buffer.from(header)
      broken[at] = (broken[at] as number) ^ 0x40
      t.equal(parseProxyProtocolV2(broken), undefined, `byte ${at}`)
    }
  }
  t.equal(parseProxyProtocolV2(withRest('2111', `${addresses4} 030004 00000000`)), undefined)
})

t.test('a checksum of another length, or two of them, is malformed', async t => {
  for (const rest of ['030000', '030003 000000', '030005 0000000000']) t.equal(parseProxyProtocolV2(withRest('2111', `${addresses4} ${rest}`)), undefined, rest)
  const twice = withRest('2111', `${addresses4} 030004 00000000 030004 00000000`)
  t.equal(parseProxyProtocolV2(twice), undefined)
  twice.writeUInt32BE(crc32c(twice), twice.length - 11)
  t.equal(parseProxyProtocolV2(twice), undefined, 'the first right, the second wrong')
})

t.test('CRC-32C of the published vectors', async t => {
  t.equal(crc32c(Buffer.alloc(0)), 0)
  t.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  // RFC 3720 appendix B.4
  t.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
  t.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
  t.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index))), 0x46dd794e)
})

t.test('attributes that nobody knows are stepped over; attributes that do not fit are malformed', async t => {
  for (const rest of ['040000', 'ee0003 010203', '010002 6832 020003 616263', `200010 ${'00'.repeat(16)}`]) t.same(parseProxyProtocolV2(withRest('2111', `${addresses4} ${rest}`)), { source: '203.0.113.9' }, rest)
  for (const rest of ['04', '0400', '040001', '040002 00', '04ffff 00', '040000 04', '010002 6832 03']) t.equal(parseProxyProtocolV2(withRest('2111', `${addresses4} ${rest}`)), undefined, rest)
})

t.test('a balancer that speaks for itself names no source, whatever follows', async t => {
  for (const header of [withRest('2000', ''), withRest('2011', addresses4), withRest('2011', '00'), withRest('2031', 'ffffff'), withRest('20ff', `${addresses4} 030004 00000000`)]) {
    t.same(parseProxyProtocolV2(header), { source: undefined }, header.toString('hex'))
  }
})

t.test('another version, command, family or transport is refused', async t => {
  for (const start of ['2100', '2101', '2102', '2110', '2112', '2113', '2120', '2122', '2130', '2131', '2132', '21ff', '2211', '2f11', '1111', '0111', '3111', '0011', 'ff11']) {
    const header = withRest(start, addresses4.repeat(3))
    t.equal(restLengthOf(header.subarray(0, prefixLength)), undefined, start)
    t.equal(parseProxyProtocolV2(header), undefined, start)
  }
  for (const text of ['PROXY TCP4 203.0.113.9 192.168.1.2 54321 443\r\n', 'PROXY UNKNOWN\r\nxxxxxxxx', 'GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdef']) {
    t.equal(restLengthOf(Buffer.from(text, 'latin1').subarray(0, prefixLength)), undefined)
    t.equal(parseProxyProtocolV2(Buffer.from(text, 'latin1')), undefined)
  }
})

t.test('every byte of the signature counts', async t => {
  for (let at = 0; at < 12; at++) {
    const header = hex(ipv4)
    header[at] = (header[at] as number) ^ 1
    t.equal(parseProxyProtocolV2(header), undefined, `byte ${at}`)
  }
})

t.test('too short, too long, too large', async t => {
  for (const golden of [ipv4, ipv6, ipv4WithChecksum]) {
    const header = hex(golden)
    for (let length = 0; length < header.length; length++) t.equal(parseProxyProtocolV2(header.subarray(0, length)), undefined, `${length} bytes`)
    t.equal(parseProxyProtocolV2(Buffer.concat([header, Buffer.alloc(1)])), undefined, 'a byte more')
  }
  t.equal(parseProxyProtocolV2(withRest('2111', '')), undefined, 'no addresses')
  t.equal(parseProxyProtocolV2(withRest('2111', addresses4.slice(0, -2))), undefined, 'a byte of the port is missing')
  t.equal(parseProxyProtocolV2(withRest('2121', addresses4)), undefined, 'IPv4 said to be IPv6')
  const padded = (size: number) => withRest('2111', `${addresses4} 04${(size - 15).toString(16).padStart(4, '0')} ${'00'.repeat(size - 15)}`)
  t.same(parseProxyProtocolV2(padded(4096)), { source: '203.0.113.9' })
  for (const size of [4097, 65_535]) {
    t.equal(restLengthOf(padded(size).subarray(0, prefixLength)), undefined, 'refused before it is waited for')
    t.equal(parseProxyProtocolV2(padded(size)), undefined)
  }
  t.equal(restLengthOf(withRest('2000', '00'.repeat(4097)).subarray(0, prefixLength)), undefined, 'also when it is for nobody')
})

t.test('property: any bytes give a header or nothing', async () => {
  const rest = fc.uint8Array({ maxLength: 80 })
  const start = fc.constantFrom('2111', '2121', '2000', '2112')
  fc.assert(fc.property(fc.oneof(rest.map(bytes => Buffer.from(bytes)), fc.tuple(start, rest).map(([first, bytes]) => withRest(first, Buffer.from(bytes).toString('hex')))), header => {
    const read = parseProxyProtocolV2(header)
    if (read === undefined || read.source === undefined) return
    const bytes = header[13] === 0x11 ? 4 : 16
    if (header.length < prefixLength + bytes * 2 + 4) throw new Error('read past the end')
  }), { numRuns: 5000 })
})
