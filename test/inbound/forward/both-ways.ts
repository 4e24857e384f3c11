// Each test of forwarding runs twice: with answers that may take the short way to the client, and with all of them by @fastify/http-proxy.
import t, { type Test } from 'tap'

type Way = 'short' | 'long'

let way: Way = 'short'

/** The way of the test that runs now; subtests run one after the other. */
export function currentWay (): Way {
  return way
}

export function testBothWays (name: string, run: (t: Test) => Promise<void>): void {
  for (const each of ['short', 'long'] as const) {
    t.test(`${name} (${each} way)`, async t => {
      way = each
      await run(t)
    })
  }
}
