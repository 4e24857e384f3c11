// The tokens of the outbound door in a backup: receivers know everybody under the same token after a restore.
import { readdirSync } from 'node:fs'
import t from 'tap'
import { openTokenVault, readTokenValue } from '../../src/outbound/redaction/token-vault.ts'
import { createVaultTokens } from '../../src/phi/phi.ts'
import { createPlace } from './backup-place.ts'

t.test('tokens stay the same after a restore, and what they stand for can be looked up as before', async t => {
  const place = await createPlace(t)
  const sealing = { id: 'k', seal: Buffer.alloc(32, 3) }
  const open = (directory: string) => openTokenVault(place.path(`${directory}/outbound-tokens.sqlite`), { sealing, now: () => Date.now() })
  // It stays open, as in a gateway that runs.
  const vault = open('data')
  const token = createVaultTokens(Buffer.alloc(32, 4), vault, vault.keep).tokenOf('email', 'zyxwina@patient.example')
  await place.run('audit', 'archive')
  t.match(await place.run('backup'), { code: 0 })
  const later = createVaultTokens(Buffer.alloc(32, 4), vault).tokenOf('email', 'later@patient.example')
  t.match(await place.restore('again'), { code: 0, out: /intact/ })
  const restored = open('again/data')
  const tokens = createVaultTokens(Buffer.alloc(32, 4), restored)
  t.equal(tokens.tokenOf('email', 'zyxwina@patient.example'), token)
  t.not(tokens.tokenOf('email', 'later@patient.example'), later, 'what came after the backup begins anew')
  t.same(readTokenValue(place.path('again/data/outbound-tokens.sqlite'), token, [sealing]), { kind: 'email', value: 'zyxwina@patient.example' })
  t.same(readdirSync(place.path('data')).filter(name => name.includes('copy')), [], 'nothing is left behind')
})
