// One mail to several classes of recipients: each class gets what it may read, and nobody learns of the others.
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import PostalMime from 'postal-mime'
import t from 'tap'
import { runCli } from '../cli/run-cli.ts'
import { associate, until } from '../support/outbound-place.ts'
import { classes, planted, refusalOf, sendMail, startMail } from '../support/mail-place.ts'

const letter = { subject: 'Zyxwina Qwertzon is waiting', text: 'Zyxwina Qwertzon, SSN 987-65-4321, asks for a later appointment.', headers: { 'X-Crm-Patient': 'p-4711' } }

t.test('staff, vendor, patient and a held class: a copy each', async t => {
  const { journey, place, port } = await startMail(t)
  await sendMail(port, { ...letter, to: ['nell@clinic.example', 'zyxwina.qwertzon@patient.example', 'held@elsewhere.example'], cc: 'ann@vendor.example', bcc: 'bob@sub.clinic.example' })
  await until(() => place.smarthost.seen.length === 3)
  const bodyTo = (address: string) => place.smarthost.seen.find(({ to }) => to.includes(address))?.body ?? Buffer.alloc(0)
  for (const { body, to } of place.smarthost.seen) {
    const text = body.toString()
    for (const value of planted.filter(one => !to.some(address => address.toLowerCase().includes(one.toLowerCase())))) t.notOk(text.includes(value), `${value} to ${to.join()}\n${text}`)
  }
  const [staff, vendor, patient] = await Promise.all(['nell@clinic.example', 'ann@vendor.example', 'zyxwina.qwertzon@patient.example'].map(to => PostalMime.parse(bodyTo(to))))
  t.same(place.smarthost.seen.find(({ to }) => to.includes('nell@clinic.example'))?.to, ['nell@clinic.example', 'bob@sub.clinic.example'], 'a class is one mail, its blind copies too')
  t.match(staff?.text, /asks for a later appointment/)
  t.same(staff?.to?.map(({ address }) => address), ['nell@clinic.example'])
  t.notMatch(bodyTo('nell@clinic.example').toString(), /bob@|ann@|patient\.example/)
  t.match(vendor?.text, /asks for a later appointment/)
  t.same(vendor?.cc?.map(({ address }) => address), ['ann@vendor.example'])
  t.equal(patient?.subject, 'You have a new message')
  t.equal(patient?.text?.trim().replaceAll('\r\n', '\n'), `You have a new message. Open it in the CRM.\n\n${journey.url}`)
  t.same(patient?.to?.map(({ address }) => address), ['zyxwina.qwertzon@patient.example'])
  const events = (await journey.trail()).filter(event => event.kind === 'message.released' || event.kind === 'message.quarantined')
  t.same(events.map(({ kind, what, facts, disclosure }) => [kind, what?.route, facts?.['notice'], disclosure?.recipient]).sort(), [
    ['message.quarantined', 'mail held', undefined, undefined],
    ['message.released', 'mail patients', 'by class', undefined],
    ['message.released', 'mail staff', undefined, undefined],
    ['message.released', 'mail vendor', undefined, 'Vendor Inc.'],
  ].sort())
  const disclosures = await runCli(['audit', 'disclosures', '--patient', 'p-4711', '--reason', 'the patient asks', '--config', journey.configFile])
  t.match(JSON.parse(disclosures.out), { recipient: 'Vendor Inc.', recipientAddress: 'vendor.example', description: /^mail with free text 2 \(policy mail 1\)$/ })
})

t.test('a vendor without a live agreement gets the notice', async t => {
  const { journey, place, port } = await startMail(t, { associates: [{ ...associate, destinations: ['vendor'], expires: '2020-12-31' }] })
  await sendMail(port, { ...letter, to: 'ann@vendor.example' })
  await until(() => place.smarthost.seen.length === 1)
  t.match((await PostalMime.parse(place.smarthost.seen[0]?.body ?? '')).subject, 'You have a new message')
  const [released] = (await journey.trail()).filter(event => event.kind === 'message.released')
  t.match(released?.facts, { notice: 'no agreement' })
  t.equal(released?.disclosure, undefined)
})

t.test('a held mail goes on redacted when somebody lets it, and not before', async t => {
  const { journey, place, port } = await startMail(t, { mail: { recipients: [{ ...classes()[0], policy: undefined, action: 'hold' }] } })
  await sendMail(port, letter)
  const list = await runCli(['quarantine', 'list', '--json', '--config', journey.configFile])
  const held = JSON.parse(list.out) as { readonly id: string, readonly reason: string }
  t.equal(held.reason, 'byClass')
  t.equal(place.smarthost.seen.length, 0)
  t.equal((await runCli(['quarantine', 'release', held.id, '--reason', 'checked', '--config', journey.configFile])).code, 0)
  await until(() => place.smarthost.seen.length === 1, journey.clock)
  t.match(place.smarthost.seen[0]?.body.toString(), /Subject: You have a new message/, 'without a policy, the notice')
})

t.test('recipients of no class: refused, held or told, as it is configured', async t => {
  const only = [classes()[0]]
  const refusing = await startMail(t, { mail: { recipients: only } })
  t.match(await refusalOf(sendMail(refusing.port, { ...letter, to: 'zyxwina@patient.example' })), { responseCode: 550 })
  t.same((await refusing.journey.trail()).filter(event => event.kind === 'message.refused').map(({ decision }) => decision?.reason), ['mail.recipientNotAllowed'])
  const telling = await startMail(t, { mail: { recipients: only, others: 'notice' } })
  await sendMail(telling.port, { ...letter, to: 'somebody@else.example' })
  await until(() => telling.place.smarthost.seen.length === 1)
  t.match(telling.place.smarthost.seen[0]?.body.toString(), /You have a new message/)
  t.equal(refusing.place.smarthost.seen.length, 0)
})

t.test('a list file that changes while the gateway runs', async t => {
  const { journey, place, port } = await startMail(t, { mail: write => ({ recipients: [{ ...classes()[0], domains: [], list: write('staff.txt', '# staff\nann@other.example\n') }] }) })
  t.match(await refusalOf(sendMail(port, letter)), { responseCode: 550 })
  place.write('staff.txt', 'nell@clinic.example\n')
  await journey.reload()
  await sendMail(port, letter)
  await until(() => place.smarthost.seen.length === 1)
})

t.test('a key signs what is sent; signatures of the CRM go', async t => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
  const { place, port } = await startMail(t, { mail: write => ({ dkim: { domain: 'clinic.example', selector: 's1', key: { file: write('dkim.pem', privateKey) } } }) })
  await sendMail(port, { ...letter, headers: { 'DKIM-Signature': 'v=1; d=crm.example; b=Zyxwina' } })
  await until(() => place.smarthost.seen.length === 1)
  const body = place.smarthost.seen[0]?.body ?? Buffer.alloc(0)
  t.equal(body.toString().match(/^DKIM-Signature:/gm)?.length, 1)
  t.ok(verifyDkim(body, publicKey), body.toString())
})

/** RFC 6376 with relaxed canonicalization of header and body, by its text. */
function verifyDkim (mail: Buffer, publicKey: Buffer): boolean {
  const [head = '', ...rest] = mail.toString('latin1').split('\r\n\r\n')
  const fields = head.split(/\r\n(?![ \t])/).map(field => [field.slice(0, field.indexOf(':')).toLowerCase().trim(), field.slice(field.indexOf(':') + 1)] as const)
  const relaxed = ([name, value]: readonly [string, string]) => `${name}:${value.replace(/\r\n/g, '').replace(/[ \t]+/g, ' ').trim()}`
  const signature = fields.find(([name]) => name === 'dkim-signature') ?? ['', '']
  const tags = new Map(signature[1].replace(/\r\n/g, '').split(';').map(tag => [tag.slice(0, tag.indexOf('=')).trim(), tag.slice(tag.indexOf('=') + 1).replace(/\s+/g, '')] as const))
  const body = rest.join('\r\n\r\n').replace(/[ \t]+(?=\r\n)/g, '').replace(/[ \t]+/g, ' ').replace(/(?:\r\n)*$/, '\r\n')
  if (createHash('sha256').update(body, 'latin1').digest('base64') !== tags.get('bh')) return false
  const left = [...fields].reverse()
  const signed = (tags.get('h') ?? '').split(':').flatMap(name => {
    const at = left.findIndex(([one]) => one === name.toLowerCase())
    return at === -1 ? [] : [relaxed(left.splice(at, 1)[0] as readonly [string, string])]
  })
  const own = relaxed([signature[0], signature[1].replace(/\bb=[^;]*/, 'b=')])
  return verify('sha256', Buffer.from([...signed, own].join('\r\n'), 'latin1'), createPublicKey({ key: publicKey, format: 'der', type: 'spki' }), Buffer.from(tags.get('b') ?? '', 'base64'))
}
