// 2,000 further power cuts, as in kills-one.test.ts.
import t from 'tap'
import { liveAndDie } from '../../support/kill-lives.ts'

t.test('10 writers, 200 lives each', async t => { await liveAndDie(t, { lives: 200, seed: 3 }) })
