// What tokens stand for: sealed in the file, bound to its token and key, gone when its retention is over or nobody wants it kept.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { openTokenVault, pruneTokenValues, readTokenValue } from '../../src/outbound/redaction/token-vault.ts'
import { createKeyedTokens, createVaultTokens, isOwnToken } from '../../src/phi/phi.ts'

const tokenKey = Buffer.alloc(32, 5)
const sealing = { id: 'now', seal: Buffer.alloc(32, 9) }
const older = { id: 'before', seal: Buffer.alloc(32, 8) }
const day = 86_400_000
const value = 'zyxwina.qwertzon@patient.example'

function start (t: Test, { isKept = true } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-vault-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  const file = join(directory, 'tokens.sqlite')
  const time = { now: 100 * day }
  const vault = openTokenVault(file, { sealing: isKept ? sealing : undefined, now: () => time.now })
  const onDisk = () => readdirSync(directory).map(name => readFileSync(join(directory, name), 'latin1')).join('')
  return { file, vault, time, onDisk }
}

t.test('random and keyed tokens can be looked up, and the file has no value in clear', async t => {
  const { file, vault, onDisk } = start(t)
  for (const tokens of [createVaultTokens(tokenKey, vault, vault.keep), createKeyedTokens(tokenKey, vault.keep)]) {
    const token = tokens.tokenOf('email', value)
    t.equal(tokens.tokenOf('email', value), token)
    t.ok(isOwnToken(tokenKey, token))
    t.same(readTokenValue(file, token, [sealing]), { kind: 'email', value })
  }
  t.notMatch(onDisk(), /zyxwina|qwertzon/i)
})

t.test('a key that is not there, a value in another token\'s place, a changed one', async t => {
  const { file, vault } = start(t)
  const tokens = createVaultTokens(tokenKey, vault, vault.keep)
  const [one, other] = [tokens.tokenOf('email', value), tokens.tokenOf('name', 'Qwertzon')]
  t.equal(readTokenValue(file, one, [older]), 'sealed')
  t.equal(readTokenValue(file, one, [{ id: 'now', seal: randomBytes(32) }]), 'sealed')
  t.same(readTokenValue(file, one, [older, sealing]), { kind: 'email', value })
  const database = new DatabaseSync(file)
  database.prepare('UPDATE value SET sealed = (SELECT sealed FROM value WHERE token = ?) WHERE token = ?').run(one, other)
  database.close()
  t.equal(readTokenValue(file, other, [sealing]), 'sealed')
  t.equal(readTokenValue(file, 'email_unknown', [sealing]), 'missing')
  t.equal(readTokenValue(`${file}.none`, one, [sealing]), 'missing')
})

t.test('retention counts from the last time that a token was given out; the token itself stays the same', async t => {
  const { file, vault, time } = start(t)
  const tokens = createVaultTokens(tokenKey, vault, vault.keep)
  const [used, left] = [tokens.tokenOf('email', value), tokens.tokenOf('name', 'Qwertzon')]
  time.now += 60 * day
  tokens.tokenOf('email', value)
  time.now += 60 * day
  t.equal(pruneTokenValues(file, time.now - 90 * day), 1)
  t.same(readTokenValue(file, used, [sealing]), { kind: 'email', value })
  t.equal(readTokenValue(file, left, [sealing]), 'missing')
  t.equal(tokens.tokenOf('name', 'Qwertzon'), left)
  t.same(readTokenValue(file, left, [sealing]), { kind: 'name', value: 'Qwertzon' }, 'it was given out again')
})

t.test('what was sealed is gone from the disk when it is pruned', async t => {
  const { file, vault, onDisk } = start(t)
  const token = createVaultTokens(tokenKey, vault, vault.keep).tokenOf('email', value)
  const database = new DatabaseSync(file)
  const { sealed } = database.prepare('SELECT sealed FROM value WHERE token = ?').get(token) as { sealed: Uint8Array }
  database.close()
  const bytes = Buffer.from(sealed).toString('latin1')
  t.ok(onDisk().includes(bytes))
  t.equal(pruneTokenValues(file, Infinity), 1)
  t.notOk(onDisk().includes(bytes))
})

t.test('without a key nothing is kept', async t => {
  const { file, vault } = start(t, { isKept: false })
  const token = createVaultTokens(tokenKey, vault, vault.keep).tokenOf('email', value)
  t.equal(readTokenValue(file, token, [sealing]), 'missing')
})

t.test('two threads that make a token for one value at once give out the same', async t => {
  const { file, vault } = start(t)
  const second = openTokenVault(file, { sealing, now: () => 0 })
  const late = { ...second, get: (digest: string) => asked++ === 0 ? undefined : second.get(digest) }
  let asked = 0
  const token = createVaultTokens(tokenKey, vault).tokenOf('email', value)
  t.equal(createVaultTokens(tokenKey, late).tokenOf('email', value), token)
})
