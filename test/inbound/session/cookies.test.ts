// The sealed cookie by itself: what opens, and what does not.
import fc from 'fast-check'
import t from 'tap'
import { createSecretId } from '../../../src/shared/ids.ts'
import { deriveKey } from '../../../src/shared/keys.ts'
import { registerSessionCookies } from '../../../src/inbound/session/session.ts'
import { cookieOf, makeSecret } from './build-room.ts'

const cookies = await registerSessionCookies({ key: deriveKey(makeSecret(), 'session-cookie') })

t.test('what was sealed opens, wherever it stands in the header', async t => {
  const [one, two] = [createSecretId(), createSecretId()]
  const [first, second] = [one, two].map(id => cookieOf(cookies.seal(id))) as [string, string]
  t.same(cookies.open(first), [one])
  t.same(cookies.open(`a=b;${first};c`), [one])
  t.same(cookies.open(`  ${first.replace('=', ' = ')}  ; x="${second}"`), [one])
  t.same(cookies.open(`${second}; ${first}; ${second}`), [two, one])
})

t.test('the same id is sealed differently each time', async t => {
  const id = createSecretId()
  t.not(cookies.seal(id), cookies.seal(id))
})

t.test('what is not ours opens to nothing and throws nothing', async t => {
  const real = cookieOf(cookies.seal(createSecretId()))
  for (const header of [undefined, '', ';', '=', '__Host-sallyport', '__Host-sallyport=', '__Host-sallyport=;', '__Host-sallyport=%', '__Host-sallyport=%3B', '__Host-sallyport=a;b',
    real.replace('sallyport', 'sallyport2'), real.slice(2), real.slice(0, -8), real.replace('%3B', ''), real.toLowerCase()]) {
    t.same(cookies.open(header), [], String(header).slice(0, 40))
  }
})

t.test('any changed character of the sealed part closes it', async t => {
  const id = createSecretId()
  const value = decodeURIComponent(cookieOf(cookies.seal(id)).slice('__Host-sallyport='.length))
  // The bytes decide: in base64, the last character before the padding has bits that mean nothing.
  const bytes = (text: string) => text.split(';').map(part => Buffer.from(part, 'base64').toString('hex')).join(';')
  fc.assert(fc.property(fc.nat(value.length - 1), fc.constantFrom(...'ABCDwxyz0189+/'), (at, character) => {
    const changed = value.slice(0, at) + character + value.slice(at + 1)
    const expected = bytes(changed) === bytes(value) ? [id] : []
    t.same(cookies.open(`__Host-sallyport=${encodeURIComponent(changed)}`), expected)
  }), { numRuns: 300 })
})
