// RelayState as a URL is an open redirect. Ours is an opaque key; where the person goes is kept on the server and is a path of ours.
import t from 'tap'
import fc from 'fast-check'
import { createKeyPair } from '../support/key-pair.ts'
import { recipeFor, toBase64, urls, writeAnswer, writeForm } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, post } from '../support/saml-room.ts'
import { safeReturnTo } from '../../src/inbound/saml/attempts.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

t.test('a RelayState that is not a key of ours is refused', async t => {
  const begun = await begin(bench)
  const xml = await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair })
  for (const relayState of ['https://evil.example/', '//evil.example', '/leads', `${begun.relayState} `, begun.relayState.slice(1), `${begun.relayState}A`, 'saml.sent:x']) {
    t.equal(await codeOf(bench.room.consume(writeForm({ SAMLResponse: toBase64(xml), RelayState: relayState }), begun.cookie)), 'saml.unsolicited', relayState)
  }
  t.equal(await codeOf(bench.room.consume(writeForm({ SAMLResponse: toBase64(xml), RelayState: 'A'.repeat(43) }), begun.cookie)), 'saml.attemptSpent')
})

t.test('a way back that is not a path of ours becomes the first page', async t => {
  for (const returnTo of ['//evil.example', '/\\evil.example', '\\\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', ' /x', '/x\n', '/\t/evil.example', '/a//b', '/x\u0000', '/ü', `/${'x'.repeat(5000)}`]) {
    const begun = await begin(bench, { returnTo })
    t.equal((await post(bench, begun, await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair }))).returnTo, '/', JSON.stringify(returnTo))
  }
})

t.test('a path with its query comes back as it was', async t => {
  for (const returnTo of ['/', '/leads', '/leads?next=https://x.example//y&z=%2F', '/a/b;c=d?e#f']) t.equal(safeReturnTo(returnTo, urls.sp), returnTo)
})

t.test('whatever is asked for, a browser stays on our origin', t => {
  const pieces = fc.array(fc.constantFrom('/', '\\', '.', '@', ':', '%2f', '?', '#', '\t', '\n', 'evil.example', 'https', 'a'), { maxLength: 12 }).map(parts => parts.join(''))
  fc.assert(fc.property(pieces, text => new URL(safeReturnTo(text, urls.sp), urls.sp).origin === urls.sp), { numRuns: 3000 })
  t.end()
})

t.test('reloading the sign-in page keeps the way back; an attempt of nobody goes to the first page', async t => {
  const id = await bench.room.prepare('/leads/7')
  const answer = async (attempt: string | undefined) => {
    const started = await bench.room.start(attempt)
    const url = new URL(started.kind === 'redirect' ? started.location : '')
    const held = await bench.store.peek(`saml.sent:${url.searchParams.get('RelayState')}`)
    return (JSON.parse(held ?? '{}') as { returnTo?: string }).returnTo
  }
  t.equal(await answer(id), '/leads/7')
  t.equal(await answer(id), '/leads/7')
  for (const unknown of [undefined, '', 'x', 'A'.repeat(43)]) t.equal(await answer(unknown), '/')
})
