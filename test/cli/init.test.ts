// From nothing to a gateway that starts: `sallyport init` as a person or a script uses it, and `sallyport check --live` on what it wrote.
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startCrm } from '../../scripts/demo/crm/crm.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { freePort } from '../support/journey.ts'
import { createKeyPair } from '../support/key-pair.ts'
import { startRedis } from '../support/redis.ts'
import { writeIdpMetadata } from '../support/saml-metadata.ts'
import { runCli } from './run-cli.ts'

const metadata = writeIdpMetadata({ certificates: [(await createKeyPair('idp.example')).certificatePem] })

function createPlace (t: Test): { readonly directory: string, readonly idp: string } {
  const outer = mkdtempSync(join(tmpdir(), 'sallyport-init-'))
  t.teardown(() => { rmSync(outer, { recursive: true, force: true }) })
  writeFileSync(join(outer, 'metadata.xml'), metadata)
  return { directory: join(outer, 'gateway'), idp: join(outer, 'metadata.xml') }
}

const flags = (idp: string, crm = 'http://127.0.0.1:8080', publicUrl = 'https://crm.clinic.example') => ['--public-url', publicUrl, '--crm', crm, '--allow', '127.0.0.1, 203.0.113.0/24', '--idp', idp, '--group', 'clinic-staff']

t.test('with flags: a commented configuration that config check accepts, keys for this account only, and a gateway that starts', async t => {
  const { directory, idp } = createPlace(t)
  const crm = await startCrm()
  t.teardown(() => crm.close())
  const port = await freePort()
  const { code, out, err } = await runCli(['init', directory, ...flags(idp, crm.url, `https://crm.clinic.example:${port}`), '--test-certificate'], { env: { PATH: process.env['PATH'] ?? '' } })
  t.equal(code, 0, out + err)
  t.match(out, /gateway\.yaml is written, .*\n {2}1\. Keep copies of keys\/audit\.key/)
  const file = join(directory, 'gateway.yaml')
  const yaml = readFileSync(file, 'utf8')
  t.ok(yaml.split('\n').filter(line => /^\s*# \w/.test(line)).length > 12, 'it explains itself')
  for (const key of ['session.secret', 'audit.key', 'export.key']) t.equal(statSync(join(directory, 'keys', key)).mode & 0o777, 0o600, key)
  t.notMatch(yaml, readFileSync(join(directory, 'keys', 'audit.key'), 'utf8').trim())
  t.match(await runCli(['config', 'check', file]), { code: 0, out: /127\.0\.0\.1, 203\.0\.113\.0\/24/ })

  const live = await runCli(['check', '--live', '--config', file])
  t.equal(live.code, 0, live.out + live.err)
  for (const part of ['certificate', 'sign-in', 'spool', 'CRM', 'clock']) t.match(live.out, new RegExp(`^ok {6}${part} `, 'm'))

  writeFileSync(file, yaml.replace('listeners:\n', 'listeners:\n  health: { port: 0 }\n'))
  const gateway = await startGatewayProcess(file)
  t.equal(await gateway.stop(), 0, gateway.log.join('\n'))
})

t.test('without flags it asks, one line each, and says what is still missing', async t => {
  const { directory, idp } = createPlace(t)
  const { code, out, err } = await runCli(['init', directory], { stdin: `https://crm.clinic.example\nhttp://127.0.0.1:8080\n203.0.113.0/24\n${idp}\nclinic-staff\n` })
  t.equal(code, 0, out + err)
  t.match(err, /The address that people type into the browser .*: The address of the CRM/)
  t.match(out, /2\. Lay the certificate and its key into tls\/crm\.pem and tls\/crm\.key\./)
  t.match(await runCli(['config', 'check', join(directory, 'gateway.yaml')]), { code: 1, out: /listeners\.public\.tls\.certificates\[0\]\.certificate names a file that/ })
})

t.test('what it cannot do it says, and writes nothing', async t => {
  const { directory, idp } = createPlace(t)
  t.match(await runCli(['init', directory, '--crm', 'http://127.0.0.1:8080']), { code: 2, err: /init needs --public-url: the address that people type/ })
  t.match(await runCli(['init', directory, ...flags(`${idp}.gone`)]), { code: 1, err: /The IdP's metadata cannot be read from .* \(ENOENT\)/ })
  t.match(await runCli(['init', directory, ...flags('http://idp.example/metadata')]), { code: 1, err: /begins with http:\/\// })
  t.match(await runCli(['init', directory, ...flags(idp), '--profile', 'EspoCMR']), { code: 1, err: /--profile EspoCMR: there is no such profile\. Did you mean espocrm\?/ })
  t.throws(() => statSync(directory), 'nothing is there')
  t.match(await runCli(['init', directory, ...flags(idp, 'http://127.0.0.1:8080/path')]), { code: 1, out: /gateway\.yaml:\d+:\d+ {2}upstream\.url: / }, 'an answer that cannot be right is named with its line')
  const before = readFileSync(join(directory, 'gateway.yaml'), 'utf8')
  t.match(await runCli(['init', directory, ...flags(idp)]), { code: 1, err: /gateway\.yaml exists already and is left as it is/ })
  t.equal(readFileSync(join(directory, 'gateway.yaml'), 'utf8'), before)
})

t.test('a profile of the CRM, as a flag or an answer; a script that gave the rest is not asked', async t => {
  for (const [args, stdin] of [[['--profile', 'espocrm'], ''], [[], 'espocrm\n']] as const) {
    const { directory, idp } = createPlace(t)
    const given = stdin === '' ? flags(idp) : flags(idp).slice(0, -2)
    const { code, out, err } = await runCli(['init', directory, ...given, ...args], { stdin: stdin === '' ? '' : `clinic-staff\n${stdin}` })
    t.equal(code, 0, out + err)
    t.equal(/The CRM, when it is one of suitecrm, espocrm/.test(err), stdin !== '')
    t.match(readFileSync(join(directory, 'gateway.yaml'), 'utf8'), /^ {2}profile: "espocrm"$/m)
  }
})

t.test('no openssl: it says so and what to do instead', async t => {
  const { directory, idp } = createPlace(t)
  t.match(await runCli(['init', directory, ...flags(idp), '--test-certificate'], { env: { PATH: '/nowhere' } }), { code: 1, err: /openssl is not installed\. Install it, or lay a certificate and its key into/ })
})

t.test('check --live names each part that does not work, and what to do', async t => {
  const { directory, idp } = createPlace(t)
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const late = createServer((_request, response) => { response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString()); response.end() }).listen(0, '127.0.0.1')
  await once(late, 'listening')
  t.teardown(() => late.close())
  await runCli(['init', directory, ...flags(idp, `http://127.0.0.1:${(late.address() as { port: number }).port}`), '--test-certificate'], { env: { PATH: process.env['PATH'] ?? '' } })
  const file = join(directory, 'gateway.yaml')
  const yaml = readFileSync(file, 'utf8').replace('session:\n', `session:\n  store: { kind: redis, redis: { url: "${redis.url}" } }\n`)
  writeFileSync(file, yaml)
  const behind = await runCli(['check', '--live', '--config', file])
  t.equal(behind.code, 1, behind.out)
  t.match(behind.out, /^ok {6}sessions +answers$/m)
  t.match(behind.out, /^NOT OK {2}clock +36\d\d s ahead of the CRM: let both follow a time server/m)
  late.close()
  late.closeAllConnections()
  await redis.cut()
  const broken = JSON.parse((await runCli(['check', '--live', '--json', '--config', file])).out) as Array<{ part: string, ok: boolean, text: string }>
  t.same(broken.filter(({ ok }) => !ok).map(({ part }) => part).sort(), ['CRM', 'sessions'])
  t.match(broken.find(({ part }) => part === 'CRM')?.text, /does not work \(ECONNREFUSED\): is it running/)
  t.match(await runCli(['check']), { code: 2, err: /check needs --live/ })
})
