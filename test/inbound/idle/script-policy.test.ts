// What the script needs is added to a policy that lacks it, and to nothing else.
import t from 'tap'
import { adaptPolicies, sandboxOf } from '../../../src/inbound/idle/script-policy.ts'

const needs = { origin: 'https://crm.clinic.test', script: '/_sallyport/idle-1.js', asks: '/_sallyport/session', nonce: 'N0nce' }
const adapt = (...values: string[]) => {
  const { policies: [policies], nonce } = adaptPolicies([values], needs)
  return { policies, nonce }
}
const asks = 'https://crm.clinic.test/_sallyport/session'

for (const policy of [
  '', 'frame-ancestors \'none\'', 'default-src \'self\'', 'script-src \'self\' \'unsafe-inline\'; connect-src \'self\'', 'default-src *', 'default-src https:', 'SCRIPT-SRC https://crm.clinic.test ; object-src \'none\'',
  'script-src https://crm.clinic.test/_sallyport/idle-1.js', 'script-src https://*.clinic.test', 'default-src *.test CRM.clinic.test', 'script-src crm.clinic.test:*', 'script-src-elem \'self\'; script-src \'none\'',
]) {
  t.test(`as it is: ${policy}`, async t => { t.same(adapt(policy), { policies: [policy], nonce: undefined }) })
}

for (const [policy, expected, isNonced] of [
  ['script-src \'nonce-abc\' \'strict-dynamic\' https:', 'script-src \'nonce-abc\' \'strict-dynamic\' https: \'nonce-N0nce\'', true],
  ['script-src \'sha256-x\'; connect-src \'self\'', 'script-src \'sha256-x\' \'nonce-N0nce\'; connect-src \'self\'', true],
  ['script-src \'none\'', 'script-src \'nonce-N0nce\'', true],
  ['script-src https://cdn.example', 'script-src https://cdn.example \'nonce-N0nce\'', true],
  ['script-src \'self\'; connect-src https://api.example', `script-src 'self'; connect-src https://api.example ${asks}`, false],
  ['default-src \'none\'; img-src *', `default-src 'none'; img-src *; script-src 'nonce-N0nce'; connect-src ${asks}`, true],
  ['default-src https://cdn.example', `default-src https://cdn.example; script-src https://cdn.example 'nonce-N0nce'; connect-src https://cdn.example ${asks}`, true],
  ['script-src \'self\', script-src \'sha256-x\'', 'script-src \'self\',script-src \'sha256-x\' \'nonce-N0nce\'', true],
  // A nonce would switch `unsafe-inline` off, and with it what the page lives on.
  ['script-src https://cdn.example \'unsafe-inline\'', 'script-src https://cdn.example \'unsafe-inline\' https://crm.clinic.test/_sallyport/idle-1.js', false],
  ['script-src \'unsafe-inline\' \'nonce-abc\'', 'script-src \'unsafe-inline\' \'nonce-abc\' \'nonce-N0nce\'', true],
  ['script-src https://*.crm.clinic.test', 'script-src https://*.crm.clinic.test \'nonce-N0nce\'', true],
  ['script-src https://crm.clinic.test/static/', 'script-src https://crm.clinic.test/static/ \'nonce-N0nce\'', true],
  ['script-src https://crm.clinic.test.evil.example', 'script-src https://crm.clinic.test.evil.example \'nonce-N0nce\'', true],
] as const) {
  t.test(`adapted: ${policy}`, async t => { t.same(adapt(policy), { policies: [expected], nonce: isNonced ? 'N0nce' : undefined }) })
}

t.test('several fields: each for itself', async t => {
  t.same(adapt('default-src \'self\'', 'script-src \'sha256-x\''), { policies: ['default-src \'self\'', 'script-src \'sha256-x\' \'nonce-N0nce\''], nonce: 'N0nce' })
})

t.test('what is only watched is adapted with the same nonce', async t => {
  t.same(adaptPolicies([['script-src \'self\''], ['script-src \'sha256-x\'']], needs), { policies: [['script-src \'self\''], ['script-src \'sha256-x\' \'nonce-N0nce\'']], nonce: 'N0nce' })
})

t.test('a sandbox in which no script runs, or without an address of its own', async t => {
  t.equal(sandboxOf(['default-src *', 'script-src \'self\', SANDBOX allow-forms']), 'noScripts')
  t.equal(sandboxOf(['sandbox allow-scripts', 'sandbox allow-same-origin']), 'noScripts', 'each policy counts')
  t.equal(sandboxOf(['sandbox allow-Scripts', 'default-src \'none\'']), 'noOrigin')
  t.equal(sandboxOf(['sandbox allow-scripts allow-same-origin', 'default-src \'none\'']), undefined)
})
