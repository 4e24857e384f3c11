// 2,500 further power cuts, as in kills-one.test.ts.
import t from 'tap'
import { liveAndDie } from '../../support/kill-lives.ts'

t.test('10 writers, 250 lives each', async t => { await liveAndDie(t, { lives: 250, seed: 4 }) })
