// 2,500 power cuts: nothing that was acknowledged is lost, and nothing is in the archive twice.
import t from 'tap'
import { liveAndDie } from '../../support/kill-lives.ts'

t.test('10 writers, 250 lives each', async t => { await liveAndDie(t, { lives: 250, seed: 1 }) })
