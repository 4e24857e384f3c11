// node-saml accepts a DOCTYPE. What can be read in two ways (document types, entities, CDATA, comments, sloppy XML) is refused before any parser,
// signed or not, and nothing is ever fetched.
import { createServer } from 'node:http'
import { once } from 'node:events'
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { encryptAssertion, recipeFor, signXml, writeAnswer, writeAssertion, writeForm, writeResponse } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, ownKey, post, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const ours = await createKeyPair('crm.example')
const bench = await openBench({ idpPairs: [pair], config: directory => ({ decryption: [ownKey(ours, directory, 'own')] }) })
t.teardown(() => bench.stop())

async function postWith (change: (xml: string) => string): Promise<string> {
  const begun = await begin(bench)
  return await codeOf(post(bench, begun, change(await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair }))))
}

t.test('document types and entities, none of which is fetched', async t => {
  const asked: string[] = []
  const server = createServer((request, response) => { asked.push(request.url ?? ''); response.end('') }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const address = `http://127.0.0.1:${(server.address() as { port: number }).port}/x`
  for (const type of ['<!DOCTYPE x>', '<!doctype x>', `<!DOCTYPE x SYSTEM "${address}">`, `<!DOCTYPE x [<!ENTITY e SYSTEM "${address}">]>`, '<!DOCTYPE x [<!ENTITY e "person-2">]>']) {
    t.equal(await postWith(xml => type + xml), 'saml.xmlUnsafe', type)
    t.equal(await postWith(xml => `<?xml version="1.0"?>${type}${xml.replace('person-1', '&e;')}`), 'saml.xmlUnsafe', type)
  }
  t.strictSame(asked, [])
})

t.test('comments, CDATA and processing instructions, anywhere', async t => {
  for (const remark of ['<!-- x -->', '<![CDATA[x]]>', '<?x y?>', '<!x>']) {
    t.equal(await postWith(xml => remark + xml), 'saml.xmlUnsafe', `before ${remark}`)
    t.equal(await postWith(xml => xml + remark), 'saml.xmlUnsafe', `behind ${remark}`)
    t.equal(await postWith(xml => xml.replace('<samlp:Status>', `${remark}<samlp:Status>`)), 'saml.xmlUnsafe', `within ${remark}`)
  }
  t.equal(await postWith(xml => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`), 'accepted')
})

t.test('XML that readers repair each in their own way', async t => {
  const status = '<samlp:Status>'
  const sloppy: [string, (xml: string) => string][] = [
    ['nothing', () => '<'], ['text', () => 'Response'], ['text before', xml => `x${xml}`], ['text behind', xml => `${xml}x`], ['two documents', xml => xml + xml], ['cut off', xml => xml.slice(0, -3)],
    ['stray &', xml => xml.replace(status, `${status}&`)], ['unknown entity', xml => xml.replace(status, `${status}&nbsp;`)], ['NUL by number', xml => xml.replace(status, `${status}&#0;`)],
    ['surrogate by number', xml => xml.replace(status, `${status}&#xD800;`)], ['beyond Unicode', xml => xml.replace(status, `${status}&#x110000;`)], ['control character', xml => xml.replace(status, `${status}\u0001`)],
    ['attribute twice', xml => xml.replace('Version="2.0"', 'Version="2.0" Version="2.0"')], ['attribute without quotes', xml => xml.replace('Version="2.0"', 'Version=2.0')],
    ['attribute without value', xml => xml.replace('Version="2.0"', 'Version="2.0" x')], ['prefix nobody declared', xml => xml.replace(status, `<x:y/>${status}`)],
    ['attribute prefix nobody declared', xml => xml.replace(status, '<samlp:Status x:y="z">')], ['< in an attribute', xml => xml.replace('Version="2.0"', 'Version="2.0" x="<"')],
    ['tags crossed', xml => xml.replace(status, `<a><b></a></b>${status}`)], ['closing tag of another name', xml => xml.replace('</samlp:Status>', '</samlp:Statuz>')],
    ['UTF-7 declared', xml => `<?xml version="1.0" encoding="UTF-7"?>${xml}`], ['depth', xml => xml.replace(status, '<a>'.repeat(70) + '</a>'.repeat(70) + status)],
    ['attributes in heaps', xml => xml.replace(status, `<a ${Array.from({ length: 80 }, (_, index) => `a${index}="1"`).join(' ')}/>${status}`)],
  ]
  for (const [name, change] of sloppy) t.equal(await postWith(change), 'saml.xmlUnsafe', name)
})

t.test('UTF-16 and broken UTF-8 are refused', async t => {
  for (const bytes of [Buffer.from('<a/>', 'utf16le'), Buffer.from([0x3c, 0x61, 0x2f, 0x3e, 0xff]), Buffer.from([0x3c, 0xc0, 0xbc, 0x3e])]) {
    const begun = await begin(bench)
    const code = await codeOf(bench.room.consume(writeForm({ SAMLResponse: bytes.toString('base64'), RelayState: begun.relayState }), begun.cookie))
    t.ok(['saml.formInvalid', 'saml.xmlUnsafe'].includes(code), code)
  }
})

t.test('the same within an encrypted assertion', async t => {
  const begun = await begin(bench)
  const recipe = recipeFor(begun.requestId, bench.clock.now())
  const signed = signXml(writeAssertion(recipe), pair)
  const inner = await encryptAssertion(`<!DOCTYPE x [<!ENTITY e "person-2">]>${signed}`, ours.certificatePem)
  t.equal(await codeOf(post(bench, begun, writeResponse(recipe, inner))), 'saml.notVerified')
  t.equal(await codeOf(signIn(bench, {}, { encryptFor: ours.certificatePem })), 'accepted')
})
