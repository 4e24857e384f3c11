// The script goes into a document and not another byte changes, however the document is coded and cut into pieces.
import t from 'tap'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { codingSteps, Inserter, readCoding, ScriptInserter } from '../../../src/inbound/idle/insert-script.ts'

const element = '<script src="/x"></script>'
const text = '<!doctype html><html><head><title>Müller €</title></head><body>Ł</body></html>'
const withElement = text.replace('<head>', `<head>${element}`)

async function passThrough (pieces: readonly Buffer[], coding = ''): Promise<Buffer> {
  const known = readCoding(coding)
  if (known === undefined) throw new Error(coding)
  const steps = codingSteps(known)
  const all = [...steps.open, new ScriptInserter(new Inserter(element)), ...steps.close]
  for (const [at, step] of all.entries()) if (at > 0) all[at - 1]?.pipe(step)
  const chunks: Buffer[] = []
  all.at(-1)?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const over = new Promise<void>((resolve, reject) => { all.at(-1)?.on('end', resolve); for (const step of all) step.on('error', reject) })
  for (const piece of pieces) all[0]?.write(piece)
  all[0]?.end()
  await over
  return Buffer.concat(chunks)
}

const cut = (bytes: Buffer, size: number) => Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

const swap = (bytes: Buffer) => Buffer.from(bytes).swap16()
const charsets = [
  ['UTF-8', (part: string) => Buffer.from(part)],
  ['UTF-8 with its mark', (part: string) => Buffer.from(`\uFEFF${part}`)],
  ['latin-1', (part: string) => Buffer.from(part, 'latin1')],
  ['UTF-16, little end first', (part: string) => Buffer.from(`\uFEFF${part}`, 'utf16le')],
  ['UTF-16, big end first', (part: string) => swap(Buffer.from(`\uFEFF${part}`, 'utf16le'))],
] as const

for (const [name, write] of charsets) {
  t.test(`${name}, in pieces of every size`, async t => {
    const bytes = write(text)
    const expected = write(withElement)
    for (let size = 1; size <= bytes.length; size += 1) t.ok((await passThrough(cut(bytes, size))).equals(expected), String(size))
  })
}

for (const [coding, pack, unpack] of [['gzip', gzipSync, gunzipSync], ['br', brotliCompressSync, brotliDecompressSync], ['zstd', zstdCompressSync, zstdDecompressSync], ['x-gzip', gzipSync, gunzipSync]] as const) {
  t.test(`${coding}: opened, inserted, packed again`, async t => {
    const packed = pack(Buffer.from(text.repeat(500)))
    for (const size of [1, 7, 1000, 1_000_000]) t.equal(unpack(await passThrough(cut(packed, size), coding)).toString(), text.repeat(500).replace('<head>', `<head>${element}`))
  })
}

t.test('what is no document, and what begins with more than anybody writes, passes as it is', async t => {
  for (const other of ['{"a":1}', '<p>fragment</p>', '', 'x', '<', `<!--${'x'.repeat(100_000)}--><html><head>`]) {
    t.equal((await passThrough(cut(Buffer.from(other), 999))).toString(), other)
  }
})

t.test('codings that nobody here knows are left alone', async t => {
  for (const coding of ['deflate', 'compress', 'gzip, br', 'x']) t.equal(readCoding(coding), undefined)
})

t.test('pieces go on as they come: the beginning of a page is not held for its end', async t => {
  const inserter = new ScriptInserter(new Inserter(element))
  const seen: string[] = []
  inserter.on('data', (chunk: Buffer) => { seen.push(chunk.toString()) })
  inserter.write('<!doctype html><html><head><title>')
  await new Promise(resolve => { setImmediate(resolve) })
  t.equal(seen.join(''), `<!doctype html><html><head>${element}<title>`)
})
