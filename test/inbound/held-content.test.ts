// A body that two steps of a judgement look at, the access room's and the masking room's.
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { holdContent } from '../../src/inbound/held-content.ts'

function hold (headers: Readonly<Record<string, string>> = {}) {
  const told: string[] = []
  const content = holdContent({ headers } as IncomingMessage, {
    readWhole: async () => { told.push('read'); return '\u00c3\u00a9' },
    invite: () => { told.push('invited') },
  })
  return { told, content }
}

t.test('a client that waits is invited once, and the body is read once', async t => {
  const { told, content } = hold({ expect: '100-continue' })
  t.equal(await content.read(), await content.read())
  t.same(told, ['invited', 'read'])
})

t.test('what goes on is what was read, byte for byte, or what stands instead', async t => {
  const { content } = hold()
  t.equal(content.replay(), undefined, 'the request itself still has it')
  await content.read()
  t.equal(await text(content.replay() as Readable), 'é')
  t.equal(content.replacedLength(), undefined)
  content.replace('abc')
  t.equal(await text(content.replay() as Readable), 'abc')
  t.equal(content.replacedLength(), 3)
})
