import t from 'tap'
import { createRequestId, createSecretId } from '../../src/shared/ids.ts'

for (const [name, create, bytes, characters] of [['a request id', createRequestId, 12, 16], ['a secret id', createSecretId, 32, 43]] as const) {
  t.test(`${name}: ${bytes * 8} bits in ${characters} characters, never the same again`, async t => {
    // More than several pools of random bytes, so that an edge where bytes are used twice would show.
    const ids = Array.from({ length: 5000 }, create)
    t.equal(new Set(ids).size, ids.length)
    t.ok(ids.every(id => id.length === characters && /^[\w-]+$/.test(id)))
    t.ok(ids.every(id => Buffer.from(id, 'base64url').length === bytes && Buffer.from(id, 'base64url').toString('base64url') === id))
  })

  t.test(`${name}: no byte and no bit is fixed`, async t => {
    const ones = new Array<number>(bytes * 8).fill(0)
    for (let n = 0; n < 4000; n++) {
      const id = Buffer.from(create(), 'base64url')
      for (let bit = 0; bit < ones.length; bit++) ones[bit] = (ones[bit] as number) + (((id[bit >> 3] as number) >> (bit & 7)) & 1)
    }
    // 2000 expected, deviation 31.6: ten of them never happen by chance.
    t.ok(ones.every(count => Math.abs(count - 2000) < 316))
  })
}

t.test('no two request ids share a part that another position had: the pool is stepped through, not slid over', async t => {
  const parts = Array.from({ length: 2000 }, createRequestId).flatMap(id => [id.slice(0, 8), id.slice(8)]) // 48 bits each
  t.equal(new Set(parts).size, parts.length)
})

t.test('no request id is taken for an option by a command line', async t => {
  t.same(Array.from({ length: 20_000 }, createRequestId).filter(id => id.startsWith('-')), [])
})
