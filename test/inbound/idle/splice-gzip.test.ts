// A packed document with the script: its begin, the script, and then what the CRM packed, untouched; however it was packed, and wherever it is cut into pieces.
import fc from 'fast-check'
import t from 'tap'
import { constants, crc32, createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { spawnSync } from 'node:child_process'
import { joinChecksums } from '../../../src/inbound/idle/join-checksums.ts'
import { GzipSplicer } from '../../../src/inbound/idle/splice-gzip.ts'

const element = (blanks: number) => `<script src="/x" data-blanks="${blanks}"></script>`
const begin = '<!DOCTYPE html>\n<html lang="en">\r\n<head>'
const twice = `${begin}${element(2)}`
const text = `${begin}\n<title>Müller €</title></head><body>${'<p>Ł and more</p>'.repeat(300)}</body></html>`

/** Undefined: it gives up, and `held` is all that came. */
function splice (pieces: readonly Buffer[], document = { charset: 'utf-8', isXml: false }): { readonly bytes: Buffer | undefined, readonly growth: number | undefined } {
  const splicer = new GzipSplicer(element, document)
  const passed: Buffer[] = []
  const came: Buffer[] = []
  for (const piece of [...pieces, undefined]) {
    if (piece !== undefined) came.push(piece)
    const all = piece === undefined ? splicer.end() : splicer.push(piece)
    if (all === undefined) {
      if (passed.length > 0 || !splicer.held.equals(Buffer.concat(came))) throw new Error('something is lost')
      return { bytes: undefined, growth: undefined }
    }
    passed.push(...all)
  }
  return { bytes: Buffer.concat(passed), growth: splicer.growth }
}

const cut = (bytes: Buffer, size: number) => Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants
const ways = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
})

t.test('any level, strategy, window and cut: unpacked it is the begin, the script and the document, and as much longer as it says', async () => {
  fc.assert(fc.property(ways, fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 5000 }), (way, sizes, more) => {
    const document = Buffer.from(text + more)
    const packed = gzipSync(document, way)
    const pieces: Buffer[] = []
    for (let at = 0, turn = 0; at < packed.length; turn += 1) {
      const size = sizes[turn % sizes.length] as number
      pieces.push(packed.subarray(at, at + size))
      at += size
    }
    const { bytes, growth } = splice(pieces)
    return bytes !== undefined && gunzipSync(bytes).equals(Buffer.concat([Buffer.from(twice), document])) && bytes.length === packed.length + (growth ?? 0)
  }), { numRuns: 300 })
})

t.test('what the CRM packed is in there bit for bit, and gzip itself finds nothing wrong', async t => {
  const packed = gzipSync(text)
  const { bytes } = splice([packed])
  t.ok(bytes?.subarray(-(packed.length - 10), -8).equals(packed.subarray(10, -8)))
  const tested = spawnSync('gzip', ['-tv'], { input: bytes })
  t.match({ status: tested.status, said: String(tested.stderr) }, { status: 0, said: /OK/ })
})

for (const flush of [constants.Z_NO_FLUSH, constants.Z_PARTIAL_FLUSH, constants.Z_SYNC_FLUSH, constants.Z_FULL_FLUSH, constants.Z_BLOCK]) {
  t.test(`a page that the CRM writes step by step, flushed in way ${flush}, cut anywhere`, async t => {
    const packer = createGzip({ flush })
    const chunks: Buffer[] = []
    packer.on('data', (chunk: Buffer) => chunks.push(chunk))
    const steps = [text.slice(0, 20), text.slice(20, 100), text.slice(100, 900), text.slice(900)]
    for (const step of steps) await new Promise<void>(resolve => { packer.write(step, () => { resolve() }) })
    await new Promise<void>(resolve => { packer.on('end', resolve); packer.end() })
    const packed = Buffer.concat(chunks)
    for (const size of [1, 2, 3, 5, 8, 9, 13, 100, 10_000]) {
      const { bytes } = splice(cut(packed, size))
      t.equal(bytes === undefined ? 'given up' : gunzipSync(bytes).toString(), twice + text, String(size))
    }
    for (let at = 1; at < packed.length; at += 1) if (!splice([packed.subarray(0, at), packed.subarray(at)]).bytes?.equals(splice([packed]).bytes as Buffer)) t.fail(`cut at ${at}`)
  })
}

t.test('nothing is held: what was flushed goes on at once, to its last byte', async t => {
  const packer = createGzip({ flush: constants.Z_SYNC_FLUSH })
  const splicer = new GzipSplicer(element, { charset: '', isXml: false })
  const passed: Buffer[] = []
  packer.on('data', (chunk: Buffer) => { passed.push(...splicer.push(chunk) ?? []) })
  let written = ''
  for (let step = 0; step < 20; step += 1) {
    const more = step === 0 ? `${begin}<title>` : `<script>step(${step})</script>`
    written += more
    await new Promise<void>(resolve => { packer.write(more, () => { setImmediate(resolve) }) })
    const seen = gunzipSync(Buffer.concat(passed), { finishFlush: constants.Z_SYNC_FLUSH }).toString()
    t.equal(seen, `${begin}${element(2)}${written}`)
  }
  t.ok(splicer.held.length <= 8)
})

t.test('a long document: eight bytes are held and no more', async t => {
  const packed = gzipSync(Buffer.from(begin + Array.from({ length: 200_000 }, (_, at) => (at * 2654435761 >>> 0).toString(36)).join(' ')))
  const splicer = new GzipSplicer(element, { charset: '', isXml: false })
  let most = 0
  for (const piece of cut(packed, 16_384)) {
    splicer.push(piece)
    most = Math.max(most, splicer.held.length)
  }
  t.equal(most, 8)
})

t.test('a header with a name, a comment, more fields and a checksum of its own', async t => {
  const packed = gzipSync(text)
  for (const [flags, more] of [[8, 'index.html\0'], [16, 'a comment\0'], [24, 'a\0b\0'], [4, '\x03\0abc'], [28 + 2, '\0\0name\0comment\0cc'], [2, 'cc'], [1, '']] as const) {
    const head = Buffer.concat([packed.subarray(0, 10), Buffer.from(more, 'latin1')])
    head[3] = flags
    const whole = Buffer.concat([head, packed.subarray(10)])
    for (const size of [1, 4, 11, 10_000]) {
      const { bytes, growth } = splice(cut(whole, size))
      t.equal(bytes === undefined ? 'given up' : gunzipSync(bytes).toString(), twice + text, `${flags}, ${size}`)
      t.equal(bytes?.length, whole.length + (growth ?? 0))
    }
  }
})

t.test('what would not stay the same page is given up, whole', async t => {
  const given = (content: string | Buffer, document?: Parameters<typeof splice>[1]) =>
    [1, 7, 1000, 100_000].every(size => splice(cut(gzipSync(content), size), document).bytes === undefined)
  for (const other of [
    `<!-- x -->${text}`, text.replace('<head>', '<!--[if IE]><![endif]--><head>'), `<?php ?>${text}`, `\uFEFF${text}`, Buffer.from(`\uFEFF${text}`, 'utf16le'),
    `<!doctype html><html data-x="${'x'.repeat(3000)}"><head>`,
  ]) {
    t.ok(given(other), String(other).slice(0, 50))
  }
  t.ok(given(text, { charset: 'utf-8', isXml: true }))
  t.ok(given(Buffer.from(text, 'utf16le'), { charset: 'utf-16le', isXml: false }))
  const unknownFlags = Buffer.from([0x1F, 0x8B, 8, 0xE0, ...Array<number>(20).fill(0)])
  for (const bytes of [Buffer.from(text), unknownFlags, Buffer.concat([gzipSync(text).subarray(0, 10), Buffer.alloc(50, 0xFF)]), gzipSync(text).subarray(0, 25)]) {
    t.equal(splice([bytes]).bytes, undefined)
  }
})

t.test('what is no document passes as it is', async t => {
  for (const other of ['{"a":1}', '<p>fragment</p>', '', 'x', '<', '<script>1</script>']) {
    const packed = gzipSync(other)
    for (const size of [1, 9, 1000]) t.same(splice(cut(packed, size)), { bytes: packed, growth: 0 }, `${other} ${size}`)
  }
  t.same(splice([]), { bytes: Buffer.alloc(0), growth: 0 })
})

t.test('a document that the CRM broke off is passed as far as it goes', async t => {
  const content = begin + Array.from({ length: 3000 }, (_, at) => (at * 2654435761 >>> 0).toString(36)).join(' ')
  const packed = gzipSync(content)
  const { bytes } = splice([packed.subarray(0, 3000)])
  const shown = gunzipSync(bytes as Buffer, { finishFlush: constants.Z_SYNC_FLUSH }).toString()
  t.equal(shown, `${begin}${element(2)}${gunzipSync(packed.subarray(0, 3000), { finishFlush: constants.Z_SYNC_FLUSH }).toString()}`)
})

t.test('the checksum of two texts', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 3000 }), (first, second) => {
    return joinChecksums(crc32(first), crc32(second), second.length) === crc32(second, crc32(first))
  }))
  const zeros = Buffer.alloc(70_000_000)
  t.equal(joinChecksums(12345, crc32(zeros), zeros.length), crc32(zeros, 12345))
})
