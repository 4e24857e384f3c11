// 2,000 power cuts: nothing that was acknowledged is lost, and nothing is in the archive twice.
import t from 'tap'
import { liveAndDie } from '../../support/kill-lives.ts'

t.test('10 writers, 200 lives each', async t => { await liveAndDie(t, { lives: 200, seed: 1 }) })
