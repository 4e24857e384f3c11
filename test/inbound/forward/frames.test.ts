// Frames are found however the bytes are cut, and a Close frame is one that another implementation reads.
import t from 'tap'
import fc from 'fast-check'
import { encodeClose, FrameTracker } from '../../../src/inbound/forward/frames.ts'

interface Frame { readonly length: number, readonly isMasked: boolean, readonly opcode: number, readonly isLast: boolean }

function encodeFrame ({ length, isMasked, opcode, isLast }: Frame): Buffer {
  const mask = isMasked ? 0x80 : 0
  const first = (isLast ? 0x80 : 0) | opcode
  const head = length < 126
    ? Buffer.from([first, mask | length])
    : length < 65_536
      ? Buffer.from([first, mask | 126, length >> 8, length & 0xff])
      : Buffer.concat([Buffer.from([first, mask | 127, 0, 0, 0, 0]), Buffer.from([length >>> 24, length >>> 16 & 0xff, length >>> 8 & 0xff, length & 0xff])])
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0, 0xaa), Buffer.alloc(length, 0x81)])
}

const frames = fc.array(fc.record({
  length: fc.oneof(fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536), fc.nat(300)), isMasked: fc.boolean(), opcode: fc.constantFrom(0, 1, 2, 8, 9, 10), isLast: fc.boolean(),
}), { maxLength: 6 })

t.test('boundaries and messages do not depend on how the bytes arrive', t => {
  fc.assert(fc.property(frames, fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 }), (list, cuts) => {
    const encoded = list.map(encodeFrame)
    const bytes = Buffer.concat(encoded)
    const ends = new Set<number>([0])
    let end = 0
    for (const frame of encoded) ends.add(end += frame.length)
    const tracker = new FrameTracker()
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const chunk = bytes.subarray(at, at + (cuts[turn % cuts.length] as number))
      if (tracker.follow(chunk, { stopAtBoundary: false }) !== chunk.length) return false
      at += chunk.length
      if (tracker.atBoundary !== ends.has(at)) return false
    }
    return tracker.atBoundary && tracker.messages === list.filter(({ opcode, isLast }) => opcode <= 2 && isLast).length
  }), { numRuns: 200 })
  t.pass('held for 200 streams')
  t.end()
})

t.test('following to the boundary stops exactly there', t => {
  fc.assert(fc.property(fc.nat(70_000), fc.nat(100), (length, rest) => {
    const frame = encodeFrame({ length, isMasked: false, opcode: 2, isLast: true })
    const tracker = new FrameTracker()
    tracker.follow(frame.subarray(0, 1), { stopAtBoundary: false })
    const tail = Buffer.concat([frame.subarray(1), Buffer.alloc(rest, 0x82)])
    return tracker.follow(tail, { stopAtBoundary: true }) === frame.length - 1 && tracker.atBoundary && tracker.follow(tail, { stopAtBoundary: true }) === 0
  }), { numRuns: 100 })
  t.pass('held for 100 frames')
  t.end()
})

t.test('a length beyond all sense is never a boundary', t => {
  const tracker = new FrameTracker()
  tracker.follow(Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0]), { stopAtBoundary: false })
  t.notOk(tracker.atBoundary)
  t.end()
})

t.test('a Close frame fits a control frame, at a character', t => {
  t.same([...encodeClose(4401, 'bye', { masked: false })], [0x88, 5, 0x11, 0x31, 0x62, 0x79, 0x65])
  const long = encodeClose(4401, '患'.repeat(100), { masked: false })
  t.ok(long.length <= 127)
  t.equal(long.subarray(4).toString(), '患'.repeat(41))
  const masked = encodeClose(1001, 'bye', { masked: true })
  t.equal(masked[1], 0x80 | 5)
  const key = masked.subarray(2, 6)
  t.same([...masked.subarray(6)].map((byte, index) => byte ^ (key[index % 4] as number)), [0x03, 0xe9, 0x62, 0x79, 0x65])
  t.end()
})
