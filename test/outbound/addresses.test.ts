// Which addresses a destination may have, in every spelling, and that the one that was checked is the one that is used.
import type { LookupAddress } from 'node:dns'
import t from 'tap'
import { addressRefused, createAddressCheck, createCheckedLookup } from '../../src/outbound/delivery/addresses.ts'

const mayConnect = createAddressCheck([])

t.test('closed', async t => {
  const closed = [
    '0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '168.63.129.16', '169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.0.192', '192.0.2.1', '192.88.99.1',
    '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255',
    '::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001:db8::1', '2001::1', '2001:10::1', '2002:7f00:1::', '3fff::1', '64:ff9b::7f00:1', '64:ff9b:1::a00:1', '100::1', '::7f00:1',
    '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe', '::FFFF:10.0.0.1', '', 'localhost', '127.1', '0x7f000001', '2130706433', '010.0.0.1',
  ]
  for (const address of closed) t.notOk(mayConnect(address), address)
})

t.test('open', async t => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '172.15.255.255', '100.128.0.1', '11.0.0.1', '2606:4700::1111', '2a00:1450:4001::1', '::ffff:8.8.8.8']) t.ok(mayConnect(address), address)
})

t.test('ranges that the configuration names', async t => {
  const own = createAddressCheck(['10.2.0.0/16', '127.0.0.1', 'fd12::/16'])
  for (const address of ['10.2.3.4', '127.0.0.1', '::ffff:10.2.3.4', 'fd12::7']) t.ok(own(address), address)
  for (const address of ['10.3.0.1', '127.0.0.2', 'fd13::1', '169.254.169.254']) t.notOk(own(address), address)
})

t.test('nothing but certain ranges, not even what is public', async t => {
  const here = createAddressCheck(['10.2.0.0/16'], ['127.0.0.0/8', '::1'])
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) t.ok(here(address), address)
  for (const address of ['8.8.8.8', '10.2.3.4', '2606:4700::1111', '169.254.169.254', 'localhost', '']) t.notOk(here(address), address)
})

type Answer = { readonly error: string | undefined, readonly addresses: unknown }

async function look (found: readonly LookupAddress[], options: object, names: string[] = []): Promise<Answer> {
  const lookup = createCheckedLookup(mayConnect, (host, done) => { names.push(host); done(null, found) })
  return await new Promise(resolve => {
    lookup('hooks.vendor.example', options, (error, addresses) => { resolve({ error: error?.code, addresses }) })
  })
}

t.test('the name is asked once, and what was checked is handed on', async t => {
  const names: string[] = []
  t.same(await look([{ address: '8.8.8.8', family: 4 }], { all: true }, names), { error: undefined, addresses: [{ address: '8.8.8.8', family: 4 }] })
  t.same(names, ['hooks.vendor.example'])
  t.same(await look([{ address: '8.8.8.8', family: 4 }], {}), { error: undefined, addresses: '8.8.8.8' })
  t.same(await look([{ address: '2606:4700::1111', family: 6 }, { address: '8.8.8.8', family: 4 }], { family: 4 }), { error: undefined, addresses: '8.8.8.8' })
})

t.test('a name with a public and a private face is refused, and so is one without any', async t => {
  t.equal((await look([{ address: '8.8.8.8', family: 4 }, { address: '10.0.0.1', family: 4 }], { all: true })).error, addressRefused)
  t.equal((await look([{ address: '169.254.169.254', family: 4 }], {})).error, addressRefused)
  t.equal((await look([], { all: true })).error, addressRefused)
})
