// One secret, a key for each purpose; what is no secret stops the start.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { deriveKey } from '../../src/shared/keys.ts'
import { SecretValue } from '../../src/shared/schema.ts'

t.test('a key is 32 bytes, the same for the same secret and purpose, another for any other', async t => {
  const [one, other] = [randomBytes(32), randomBytes(48)].map(bytes => new SecretValue(bytes.toString('base64'))) as [SecretValue, SecretValue]
  const key = deriveKey(one, 'session-cookie')
  t.equal(key.length, 32)
  t.same(deriveKey(one, 'session-cookie'), key)
  t.notSame(deriveKey(one, 'sign-in-cookie'), key)
  t.notSame(deriveKey(one, 'session-cookie '), key)
  t.notSame(deriveKey(other, 'session-cookie'), key)
})

t.test('base64url, missing padding and a line break at the end are the same secret', async t => {
  const bytes = randomBytes(32)
  const key = deriveKey(new SecretValue(bytes.toString('base64')), 'x')
  t.same(deriveKey(new SecretValue(bytes.toString('base64url')), 'x'), key)
  t.same(deriveKey(new SecretValue(`${bytes.toString('base64')}\n`), 'x'), key)
})

t.test('what is not base64 of 32 bytes is refused, in words that do not hold it', async t => {
  const short = randomBytes(31).toString('base64')
  for (const text of ['', 'changeme', short, 'correct horse battery staple and some more words to be long', `${randomBytes(32).toString('base64')}!`, '-+'.repeat(40)]) {
    let message = ''
    try { deriveKey(new SecretValue(text), 'x') } catch (error) { message = (error as Error).message }
    t.match(message, /not base64 of at least 32 random bytes/)
    if (text !== '') t.notOk(message.includes(text))
  }
})

t.test('no key without a purpose', async t => {
  t.throws(() => deriveKey(new SecretValue(randomBytes(32).toString('base64')), ''), TypeError)
})
