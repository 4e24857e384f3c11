// Which names are ours, and what cannot be configured.
import t from 'tap'
import { createCanonicalRoom } from '../../../src/inbound/canonical/canonical.ts'
import { methods, read, request } from './wire.ts'

const named = (publicUrl: string, serverNames: readonly string[] = []) => {
  const room = createCanonicalRoom({ publicUrl, methods, serverNames })
  return (host: string) => read(request('/', { rawHeaders: ['Host', host] }), room)
}

t.test('the default port equals none, letter case does not matter', async t => {
  const ask = named('https://CRM.clinic.example')
  for (const host of ['crm.clinic.example', 'CRM.Clinic.Example', 'crm.clinic.example:443']) t.equal(ask(host), '/')
  for (const host of ['crm.clinic.example:80', 'clinic.example', 'a.crm.clinic.example', 'crm.clinic.example:']) t.not(ask(host), '/')
})

t.test('another port belongs to the name', async t => {
  const ask = named('https://crm.clinic.example:8443')
  t.equal(ask('crm.clinic.example:8443'), '/')
  for (const host of ['crm.clinic.example', 'crm.clinic.example:443']) t.equal(ask(host), 'canonical.hostUnknown')
})

t.test('further names have the public port unless they say another', async t => {
  const ask = named('https://crm.clinic.example:8443', ['intranet.clinic.example', 'old.clinic.example:444', '[2001:db8::1]'])
  for (const host of ['crm.clinic.example:8443', 'intranet.clinic.example:8443', 'old.clinic.example:444', '[2001:DB8::1]:8443']) t.equal(ask(host), '/', host)
  for (const host of ['intranet.clinic.example', 'old.clinic.example:8443', '[2001:db8::1]']) t.equal(ask(host), 'canonical.hostUnknown', host)
})

t.test('HTTP/2 names the host in :authority, and a Host beside it must be alike', async t => {
  const room = createCanonicalRoom({ publicUrl: 'https://crm.clinic.example', methods })
  const ask = (authority: string | undefined, ...rawHeaders: string[]) => read(request('/', { httpVersion: '2.0', authority, rawHeaders }), room)
  t.equal(ask('crm.clinic.example'), '/')
  t.equal(ask('crm.clinic.example', 'host', 'CRM.clinic.example'), '/')
  t.equal(ask('crm.clinic.example', 'te', 'trailers'), '/')
  t.equal(ask(undefined, 'host', 'crm.clinic.example'), 'canonical.version', 'the words HTTP/2.0 in a request of HTTP/1')
  t.equal(ask('crm.clinic.example', 'host', 'crm.clinic.example:443'), 'canonical.hostAmbiguous')
  t.equal(ask('other.example', 'host', 'crm.clinic.example'), 'canonical.hostAmbiguous')
  t.equal(ask('other.example'), 'canonical.hostUnknown')
  for (const [name, value] of [['connection', 'close'], ['keep-alive', '1'], ['proxy-connection', 'x'], ['upgrade', 'websocket'], ['te', 'gzip'], [':path', '/admin']] as const) {
    t.match(ask('crm.clinic.example', name, value), /^canonical\.(connectionHeader|headerMalformed)$/, name)
  }
})

t.test('what can never be right does not start', async t => {
  for (const name of ['a/b', 'a b', '', 'a@b', 'https://a.example']) t.throws(() => named('https://crm.clinic.example', [name]), TypeError, name)
  t.throws(() => createCanonicalRoom({ publicUrl: 'https://crm.clinic.example', methods: [] }), TypeError)
  t.throws(() => createCanonicalRoom({ publicUrl: 'crm.clinic.example', methods }), TypeError)
})
