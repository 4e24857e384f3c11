// Whether a message is taken for the CRM's: published vectors of the forms, every way in which one can be wrong, and what comes twice.
import { createHmac } from 'node:crypto'
import t from 'tap'
import type { SenderConfig } from '../../src/outbound/sender/config.ts'
import { createSenderRoom, type Claim } from '../../src/outbound/sender/sender.ts'
import { Denial } from '../../src/shared/errors.ts'
import { SecretValue } from '../../src/shared/schema.ts'

const secret = (text: string) => new SecretValue(text)
const claimOf = (headers: Readonly<Record<string, string | readonly string[]>>, more: Partial<Claim> = {}): Claim => ({
  method: 'POST',
  target: '/webhook_uri',
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])),
  fingerprint: undefined,
  ...more,
})

/** `ok`, `repeated`, or the code of the denial; whether it came before the body was looked at. */
function ask (config: SenderConfig, claim: Claim, { body = '', now = 0 }: { readonly body?: string | undefined, readonly now?: number } = {}): string {
  return askRoom(createSenderRoom(new Map([['d', config]]), { now: () => now }), claim, body)
}

function askRoom (room: ReturnType<typeof createSenderRoom>, claim: Claim, body: string, isAccepted = true): string {
  let proof: ReturnType<typeof room.require> | undefined
  try {
    proof = room.require('d', claim)
    const { isRepeated } = proof.requireBody(Buffer.from(body))
    if (!isRepeated) proof.settle(isAccepted)
    return isRepeated ? 'repeated' : 'ok'
  } catch (error) {
    if (!(error instanceof Denial)) throw error
    return `${error.code}${proof === undefined ? ' unread' : ''}`
  }
}

t.test('a token', async t => {
  const own: SenderConfig = { form: 'token', header: 'X-Crm-Token', secret: secret('abcdefghijklmnopqrstuvwxyz') }
  t.equal(ask(own, claimOf({ 'x-crm-token': 'abcdefghijklmnopqrstuvwxyz' })), 'ok')
  for (const wrong of ['abcdefghijklmnopqrstuvwxy', 'abcdefghijklmnopqrstuvwxyzz', 'Bearer abcdefghijklmnopqrstuvwxyz', '']) t.equal(ask(own, claimOf({ 'x-crm-token': wrong })), 'sender.wrong unread', wrong)
  t.equal(ask(own, claimOf({})), 'sender.missing unread')
  t.equal(ask(own, claimOf({ 'x-crm-token': ['abcdefghijklmnopqrstuvwxyz', 'abcdefghijklmnopqrstuvwxyz'] })), 'sender.missing unread', 'twice can be read two ways')
  const bearer: SenderConfig = { form: 'token', header: 'Authorization', secret: secret('abcdefghijklmnopqrstuvwxyz') }
  t.equal(ask(bearer, claimOf({ authorization: 'bearer abcdefghijklmnopqrstuvwxyz' })), 'ok')
  t.equal(ask(bearer, claimOf({ authorization: 'abcdefghijklmnopqrstuvwxyz' })), 'sender.missing unread')
})

t.test('a certificate', async t => {
  const config: SenderConfig = { form: 'certificate', fingerprint: 'AB'.repeat(32) }
  t.equal(ask(config, claimOf({}, { fingerprint: 'ab'.repeat(32) })), 'ok')
  t.equal(ask(config, claimOf({}, { fingerprint: 'ac'.repeat(32) })), 'sender.wrong unread')
  t.equal(ask(config, claimOf({})), 'sender.missing unread')
})

/** The vector of HubSpot's own client for Python. */
const hubspot = {
  config: { form: 'hubspot', secret: secret('yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'), url: 'https://www.example.com' } satisfies SenderConfig,
  headers: { 'x-hubspot-signature-v3': 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=', 'x-hubspot-request-timestamp': '1693657560000' },
  body: '{\'example_field\':\'example_value\'}',
  now: 1_693_657_560_000,
}

t.test('HubSpot', async t => {
  const { config, headers, body, now } = hubspot
  t.equal(ask(config, claimOf(headers), { body, now }), 'ok')
  t.equal(ask(config, claimOf(headers), { body: `${body} `, now }), 'sender.wrong')
  t.equal(ask(config, claimOf(headers, { method: 'PUT' }), { body, now }), 'sender.wrong')
  t.equal(ask(config, claimOf(headers, { target: '/webhook_uri/' }), { body, now }), 'sender.wrong')
  t.equal(ask({ ...config, url: 'https://www.example.org' }, claimOf(headers), { body, now }), 'sender.wrong')
  for (const late of [300_001, -300_001]) t.equal(ask(config, claimOf(headers), { body, now: now + late }), 'sender.tooOld unread')
  t.equal(ask(config, claimOf(headers), { body, now: now + 300_000 }), 'ok')
  for (const time of ['', 'x', '1e12', '-1', ' 1693657560000']) t.equal(ask(config, claimOf({ ...headers, 'x-hubspot-request-timestamp': time }), { body, now }), 'sender.tooOld unread', time)
  const signed = (target: string, decoded: string) => claimOf({
    ...headers, 'x-hubspot-signature-v3': createHmac('sha256', 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy').update(`POSThttps://www.example.com${decoded}${body}1693657560000`).digest('base64'),
  }, { target })
  t.equal(ask(config, signed('/d?a=%40b%3a&c=%20d', '/d?a=@b:&c=%20d'), { body, now }), 'ok', 'the twelve that HubSpot writes out, and no other')
})

t.test('Shopify', async t => {
  const config: SenderConfig = { form: 'shopify', secret: secret('hush') }
  const headers = { 'x-shopify-hmac-sha256': createHmac('sha256', 'hush').update('{"id":1}').digest('base64') }
  t.equal(ask(config, claimOf(headers), { body: '{"id":1}' }), 'ok')
  t.equal(ask(config, claimOf(headers), { body: '{"id":2}' }), 'sender.wrong')
  t.equal(ask(config, claimOf({}), { body: '{"id":1}' }), 'sender.missing unread')
})

t.test('Stripe', async t => {
  const config: SenderConfig = { form: 'stripe', secret: secret('whsec_test') }
  const signature = createHmac('sha256', 'whsec_test').update('1700000000.{"id":1}').digest('hex')
  const now = 1_700_000_000_000
  const asked = (header: string, body = '{"id":1}') => ask(config, claimOf({ 'stripe-signature': header }), { body, now })
  t.equal(asked(`t=1700000000,v1=${signature}`), 'ok')
  t.equal(asked(`t=1700000000,v1=${'0'.repeat(64)},v1=${signature},v0=x`), 'ok', 'while a secret is changed')
  t.equal(asked(`t=1700000000,v0=${signature}`), 'sender.missing unread', 'no other version counts')
  t.equal(asked(`t=1700000000,t=1700000001,v1=${signature}`), 'sender.missing unread')
  t.equal(asked(`t=1600000000,v1=${signature}`), 'sender.tooOld unread')
  t.equal(asked(`t=1700000001,v1=${signature}`), 'sender.wrong')
  t.equal(asked(`v1=${signature}`), 'sender.missing unread')
})

/** The vector of the Standard Webhooks libraries. */
const standard = {
  config: { form: 'standard', secret: secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') } satisfies SenderConfig,
  headers: { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
  body: '{"test": 2432232314}',
  now: 1_614_265_330_000,
}

t.test('Standard Webhooks', async t => {
  const { config, headers, body, now } = standard
  t.equal(ask(config, claimOf(headers), { body, now }), 'ok')
  t.equal(ask(config, claimOf({ ...headers, 'webhook-signature': `v1a,xxxx v1,${'A'.repeat(43)}= ${headers['webhook-signature']}` }), { body, now }), 'ok')
  t.equal(ask(config, claimOf({ ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') }), { body, now }), 'sender.missing unread')
  t.equal(ask(config, claimOf({ ...headers, 'webhook-id': 'msg.x' }), { body, now }), 'sender.missing unread', 'a dot would move the border')
  t.equal(ask(config, claimOf({ ...headers, 'webhook-id': 'msg_other' }), { body, now }), 'sender.wrong')
  t.equal(ask(config, claimOf(headers), { body, now: now + 600_000 }), 'sender.tooOld unread')
})

t.test('what was accepted is a repetition from then on; what was not may come again; what is under way waits', async t => {
  let now = hubspot.now
  const room = createSenderRoom(new Map([['d', hubspot.config]]), { now: () => now })
  t.equal(askRoom(room, claimOf(hubspot.headers), hubspot.body, false), 'ok')
  const proof = room.require('d', claimOf(hubspot.headers))
  proof.requireBody(Buffer.from(hubspot.body))
  t.equal(askRoom(room, claimOf(hubspot.headers), hubspot.body), 'sender.underWay')
  proof.settle(true)
  now += 200_000
  t.equal(askRoom(room, claimOf(hubspot.headers), hubspot.body), 'repeated')
})

t.test('Standard Webhooks: the id makes a repetition, whatever the time of the attempt', async t => {
  const room = createSenderRoom(new Map([['d', standard.config]]), { now: () => standard.now })
  t.equal(askRoom(room, claimOf(standard.headers), standard.body), 'ok')
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
  const again = { ...standard.headers, 'webhook-timestamp': '1614265390', 'webhook-signature': `v1,${createHmac('sha256', key).update(`msg_p5jXN8AQM9LWM0D4loKWxJek.1614265390.${standard.body}`).digest('base64')}` }
  t.equal(askRoom(room, claimOf(again), standard.body), 'repeated')
})

t.test('a destination that nobody proves anything for', async t => {
  t.throws(() => createSenderRoom(new Map(), { now: () => 0 }).require('d', claimOf({})), { code: 'sender.missing' })
})
