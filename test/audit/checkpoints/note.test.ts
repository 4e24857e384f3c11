// The form of a checkpoint: a C2SP signed note that other programs can check with nothing but its text and the public key.
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import t from 'tap'
import fc from 'fast-check'
import { createCheckpointSigner, nameCheckpoint, parseCheckpoint, type Checkpoint } from '../../../src/audit/checkpoints/note.ts'

const seed = Buffer.alloc(32, 7)
const signer = createCheckpointSigner(seed, 'crm')
const checkpoint: Checkpoint = { gateway: 'crm', writer: 'w_1-x', epoch: 1795689055, seq: 42, head: Buffer.alloc(32, 9).toString('base64url'), time: Date.UTC(2026, 10, 26, 10, 0, 0, 123), keyId: 'abcdefghijk', isLast: false }

t.test('three lines, further lines, an empty one, and the signature', async t => {
  const note = signer.sign(checkpoint)
  const lines = note.split('\n')
  t.same(lines.slice(0, 6), ['sallyport/crm/w_1-x/1795689055', '42', Buffer.alloc(32, 9).toString('base64'), 'time 2026-11-26T10:00:00.123Z', 'key abcdefghijk', ''])
  t.match(lines[6], /^— sallyport\/crm [A-Za-z0-9+/]+=*$/)
  t.same(lines.slice(7), [''])
  t.match(signer.sign({ ...checkpoint, isLast: true }), /\nkey abcdefghijk\nlast\n\n— /)
})

t.test('checked by the rules of the signed note alone', async t => {
  const note = signer.sign(checkpoint)
  const [body = '', signatures = ''] = note.split('\n\n')
  const [, name = '', text = ''] = signatures.trimEnd().split(' ')
  const bytes = Buffer.from(text, 'base64')
  const key = createPublicKey(signer.publicKey)
  const raw = key.export({ type: 'spki', format: 'der' }).subarray(-32)
  t.same(bytes.subarray(0, 4), createHash('sha256').update(Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([1]), raw])).digest().subarray(0, 4))
  t.equal(verify(null, Buffer.from(`${body}\n`), key, bytes.subarray(4)), true)
})

t.test('what was signed is read again; another key, another gateway and any changed letter are not believed', async t => {
  const note = signer.sign(checkpoint)
  const parsed = parseCheckpoint(note)
  t.same(parsed?.checkpoint, checkpoint)
  t.equal(parsed?.isGenuine(signer.publicKey), true)
  t.equal(parsed?.isGenuine(createCheckpointSigner(Buffer.alloc(32, 8), 'crm').publicKey), false)
  t.not(createCheckpointSigner(randomBytes(32), 'crm').publicKey, signer.publicKey)
  // The last letter of the signature has bits that mean nothing: they have one spelling as well.
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
    const edited = note.replace(/.(?==\n$)/, letter)
    if (edited !== note) t.not(parseCheckpoint(edited)?.isGenuine(signer.publicKey), true)
  }
  fc.assert(fc.property(fc.nat({ max: note.length - 1 }), fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 2 }), (at, text) => {
    const edited = `${note.slice(0, at)}${text}${note.slice(at + 1)}`
    return edited === note || parseCheckpoint(edited)?.isGenuine(signer.publicKey) !== true
  }), { numRuns: 2000 })
})

t.test('text that is none is none', async t => {
  for (const text of ['', 'x', '\n\n', signer.sign(checkpoint).slice(0, -1), `${signer.sign(checkpoint)}\n`, signer.sign(checkpoint).replace('42', '042')]) t.equal(parseCheckpoint(text), undefined)
})

t.test('its name sorts by epoch', async t => {
  t.equal(nameCheckpoint(checkpoint), 'crm-w_1-x-001795689055.checkpoint')
})
