// Every shape of document gets the script exactly once and changes in nothing else, wherever it is cut into pieces and however it is packed; what is none is the same bytes.
import t from 'tap'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { createIdleRoom } from '../../../src/inbound/idle/idle.ts'
import { shapes, type Shape } from './shapes.ts'

const words = { language: 'en', direction: 'ltr', title: '', text: '{duration}', last: '{duration}', stay: '', cover: '' } as const
const colors = { light: { accent: '#123456', ink: '#ffffff' }, dark: { accent: '#abcdef', ink: '#000000' } }
const room = createIdleRoom({ idleMs: 900_000, publicOrigin: 'https://crm.clinic.test', words: new Map([['en', words]]), colors })
const insertionOf = ({ headers, status = 200 }: Shape, isBrowser = false) => room.insert({ statusCode: status, headers }, { left: 900_000, language: 'en', isBrowser, who: 'k3Jx9Qa2bC0-_zZ1' })
const element = new RegExp('<script src="/_sallyport/idle-[0-9a-f]{16}\\.js" async="" data-left="900000" data-idle="900000" data-url="/_sallyport/session" ' +
  'data-out="/_sallyport/signed-out\\?cause=" data-who="[\\w-]{16}"(?: data-blanks="\\d+")?></script>', 'g')

function passPieces (shape: Shape, pieces: readonly Buffer[]): Buffer {
  const inserter = insertionOf(shape)?.pieces
  if (inserter === undefined) return Buffer.concat(pieces)
  return Buffer.concat([...pieces.flatMap(piece => inserter.push(piece) ?? []), ...inserter.end() ?? []])
}

async function passSteps (shape: Shape, content: Buffer): Promise<Buffer> {
  const steps = insertionOf(shape)?.steps?.()
  if (steps === undefined) return content
  for (const [at, step] of steps.entries()) steps[at - 1]?.pipe(step)
  const chunks: Buffer[] = []
  steps.at(-1)?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const over = new Promise<void>((resolve, reject) => { steps.at(-1)?.on('end', resolve); for (const step of steps) step.on('error', reject) })
  for (let at = 0; at < content.length; at += 997) steps[0]?.write(content.subarray(at, at + 997))
  steps[0]?.end()
  await over
  return Buffer.concat(chunks)
}

/** As a browser gets it that takes gzip; undefined: it is packed anew. */
function splice (shape: Shape): Buffer | undefined {
  const pieces = insertionOf({ ...shape, headers: { ...shape.headers, 'content-encoding': 'gzip' } }, true)?.pieces
  const packed = gzipSync(shape.body)
  if (pieces === undefined) return packed
  const passed = pieces.push(packed)
  return passed === undefined ? undefined : Buffer.concat([...passed, ...pieces.end() ?? []])
}

/** As text, whatever the charset: one letter for each unit. */
function unitsOf (shape: Shape, bytes: Buffer): string {
  if (!shape.name.startsWith('UTF-16')) return bytes.toString('latin1')
  return shape.name.includes('big') || shape.name.includes('BE') ? Buffer.from(bytes).swap16().toString('utf16le') : bytes.toString('utf16le')
}

/** What is there beside the script. */
function judge (shape: Shape, changed: Buffer): { readonly isRight: boolean, readonly text: string } {
  if (!shape.isChanged) return { isRight: changed.equals(shape.body), text: 'other bytes' }
  const text = unitsOf(shape, changed)
  const left = text.replace(element, '')
  return { isRight: left === unitsOf(shape, shape.body) && text.match(element)?.length === 1, text: text.slice(0, 400) }
}

t.ok(shapes.length >= 60, `${shapes.length} shapes`)
t.equal(new Set(shapes.map(({ name }) => name)).size, shapes.length)

/** Those that are packed anew. */
const packedAnew = new Set(shapes.map(({ name }) => name))

for (const shape of shapes) {
  t.test(shape.name, async t => {
    const { body } = shape
    const whole = passPieces(shape, [body])
    t.ok(judge(shape, whole).isRight, judge(shape, whole).text)
    // Cut once, anywhere; then in pieces of one size.
    for (let at = 1; at < Math.min(body.length, 2500); at += 1) if (!passPieces(shape, [body.subarray(0, at), body.subarray(at)]).equals(whole)) t.fail(`cut at ${at}`)
    const small = body.subarray(0, 3000)
    for (const size of [1, 2, 3, 5, 7, 64, 1000]) {
      const pieces = Array.from({ length: Math.ceil(small.length / size) }, (_, at) => small.subarray(at * size, (at + 1) * size))
      if (!passPieces(shape, [...pieces, body.subarray(3000)].filter(piece => piece.length > 0)).equals(whole)) t.fail(`pieces of ${size}`)
    }
    if (shape.headers['content-encoding'] !== undefined) return
    for (const [coding, pack, unpack] of [['gzip', gzipSync, gunzipSync], ['br', brotliCompressSync, brotliDecompressSync], ['zstd', zstdCompressSync, zstdDecompressSync]] as const) {
      const packed = { ...shape, headers: { ...shape.headers, 'content-encoding': coding } }
      t.ok(unpack(await passSteps(packed, pack(body))).equals(whole), coding)
    }
    const spliced = splice(shape)
    if (spliced === undefined) return
    packedAnew.delete(shape.name)
    const [before = '', behind] = gunzipSync(spliced).toString('latin1').split(element)
    if (shape.isChanged) t.ok(body.toString('latin1') === behind && behind.startsWith(before), 'its begin, the script, and the whole document')
    else t.ok(gunzipSync(spliced).equals(body))
  })
}

t.test('packed anew is what begins with comments or marks, or is no HTML as browsers read it', async t => {
  const others = [...packedAnew].filter(name => !/comment|condition|instruction|UTF-|XHTML|coding that nobody/.test(name))
  t.same(others, [])
  t.ok(packedAnew.size < shapes.length / 3, String(packedAnew.size))
})

t.test('packed content that is not there at all, or not to its end, is passed as far as it goes', async t => {
  for (const [coding, pack, unpack] of [['gzip', gzipSync, gunzipSync], ['br', brotliCompressSync, brotliDecompressSync], ['zstd', zstdCompressSync, zstdDecompressSync]] as const) {
    const shape = { ...shapes[0] as Shape, headers: { 'content-type': 'text/html', 'content-encoding': coding } }
    t.equal(unpack(await passSteps(shape, Buffer.alloc(0))).length, 0, coding)
    const cut = unpack(await passSteps({ ...shape, body: Buffer.alloc(0) }, pack(Buffer.from(`<!doctype html><html><head>${'x'.repeat(100)}`)).subarray(0, -4)))
    t.ok(cut.length === 0 || cut.toString().startsWith('<!doctype html>'), coding)
  }
})

t.test('what is about the exact bytes is not said of other bytes, and what is about anything else stays', async t => {
  const aboutBytes = { 'content-length': '10', etag: '"a"', digest: 'sha-256=x', 'content-digest': 'x', 'repr-digest': 'x', 'content-md5': 'x', 'accept-ranges': 'bytes' }
  const insertion = insertionOf({ ...shapes[0] as Shape, headers: { 'content-type': 'text/html', 'last-modified': 'x', 'content-language': 'en', ...aboutBytes } })
  t.same(insertion?.fields, Object.fromEntries(Object.keys(aboutBytes).map(name => [name, undefined])))
})
