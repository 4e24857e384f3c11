// Half of ten thousand random edits of a spool (the other half is in the file beside it, so that both can run at once).
import t from 'tap'
import { trySpoolEdits } from '../../support/spool-edits.ts'

t.test('5,000 random edits of a spool', { timeout: 110_000 }, async t => { await trySpoolEdits(t, { count: 5000, seed: 4711 }) })
