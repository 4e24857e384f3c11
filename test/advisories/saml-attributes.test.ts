// Duplicate attributes are read differently in two places of node-saml, and one named `__proto__` becomes a prototype. Here names are keys of a
// Map, a name comes once, and what is used is one line of text.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { attribute } from '../support/saml-idp.ts'
import { codeOf, openBench, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())
const withAttributes = (attributes: string) => signIn(bench, { attributes })
const statement = (attributes: string) => `<saml:AttributeStatement>${attributes}</saml:AttributeStatement>`

t.test('a name that comes twice is refused, in one statement or in two, used or not', async t => {
  for (const name of ['groups', 'displayName', 'unused']) {
    t.equal(await codeOf(withAttributes(attribute(name, 'a') + attribute(name, 'b'))), 'saml.attributeAmbiguous', name)
    t.equal(await codeOf(withAttributes(attribute(name, 'a') + attribute(name, 'a'))), 'saml.attributeAmbiguous', name)
    t.equal(await codeOf(signIn(bench, { attributes: attribute(name, 'a'), assertionExtra: statement(attribute(name, 'b')) })), 'saml.attributeAmbiguous', name)
  }
})

t.test('an attribute named like a part of an object is only a name', async t => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
  const { principal } = await withAttributes(names.map(name => attribute(name, 'admins', 'isAdmin')).join('') + attribute('displayName', 'A'))
  t.strictSame(principal.groups, [])
  t.equal(principal.name, 'A')
  t.equal(({} as Record<string, unknown>)['isAdmin'], undefined)
  t.equal(Object.getPrototypeOf(principal), Object.prototype)
  const mapped = await openBench({ idpPairs: [pair], config: () => ({ attributes: { id: '__proto__', name: 'constructor', email: 'mail', groups: 'toString' } }) })
  t.teardown(() => mapped.stop())
  t.equal(await codeOf(signIn(mapped, {})), 'saml.identityMissing', 'no value is found where none was sent')
  t.match((await signIn(mapped, { attributes: attribute('__proto__', '7') })).principal, { id: '7', name: '7', groups: [] })
})

t.test('several values where one is wanted are refused', async t => {
  for (const name of ['displayName', 'mail']) t.equal(await codeOf(withAttributes(attribute(name, 'a', 'b'))), 'saml.attributeAmbiguous', name)
  t.equal((await withAttributes(attribute('displayName', '', 'b'))).principal.name, 'b')
})

t.test('what could break a header, a log line or a page is refused', async t => {
  for (const value of ['a&#10;X-Forwarded-Groups: admins', 'a&#13;b', 'a&#9;b', 'a\u0085b', 'a\u2028b', 'a'.repeat(1025), 'a<saml:b/>']) {
    for (const name of ['displayName', 'mail', 'groups']) t.equal(await codeOf(withAttributes(attribute(name, value))), 'saml.attributeInvalid', `${name} ${encodeURIComponent(value).slice(0, 40)}`)
  }
  t.equal(await codeOf(withAttributes(attribute('unused', 'a&#10;b'))), 'accepted', 'what is not used does not matter')
})

t.test('what is no attribute is refused', async t => {
  for (const other of ['<saml:EncryptedAttribute/>', '<saml:Attribute><saml:AttributeValue>a</saml:AttributeValue></saml:Attribute>', '<Attribute xmlns="urn:x" Name="groups"/>']) {
    t.equal(await codeOf(withAttributes(other)), 'saml.structure', other)
  }
  for (const extra of ['<saml:AuthzDecisionStatement/>', '<saml:Advice/>', '<x xmlns="urn:x"/>']) t.equal(await codeOf(signIn(bench, { assertionExtra: extra })), 'saml.structure', extra)
  t.equal(await codeOf(signIn(bench, { attributes: undefined })), 'accepted')
})

t.test('only what XML calls white space is left out around a value: a no-break space makes another person, and another group', async t => {
  for (const blank of ['\u00a0', '\ufeff', '\u2003', '\u3000']) {
    const { principal } = await signIn(bench, { nameId: `chief${blank}`, attributes: attribute('groups', `${blank}admins`) + attribute('displayName', ' Chief\n') })
    t.equal(principal.id, `chief${blank}`)
    t.strictSame(principal.groups, [`${blank}admins`])
    t.equal(principal.name, 'Chief')
    t.equal(await codeOf(signIn(bench, { issuer: `https://idp.example/saml${blank}` })), 'saml.issuer')
  }
})
