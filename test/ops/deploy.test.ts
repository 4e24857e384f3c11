// The compose file and the systemd unit hold what the image and the gateway need, and harden what can be hardened. systemd's own verdict is asked
// where there is one.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { read, root } from '../architecture/sources.ts'
import { parseDuration } from '../../src/shared/schema.ts'

const drainMs = parseDuration(parse(read('config/gateway.example.yaml')).listeners.public.drainTimeout as string) ?? Number.NaN

t.test('compose: the gateway as the image needs it, and no other way to the CRM', async t => {
  const { services, networks } = parse(read('deploy/compose.yaml'))
  const { sallyport, crm } = services
  t.match(sallyport, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
  t.match(read('Dockerfile'), new RegExp(`^USER ${sallyport.user}$`, 'm'))
  t.ok(existsSync(join(root, 'deploy', sallyport.build.context, 'Dockerfile')))
  t.ok((parseDuration(sallyport.stop_grace_period as string) ?? 0) > drainMs, 'the drain has its time')
  t.same(sallyport.volumes.filter((mount: string) => !mount.endsWith(':ro')).map((mount: string) => mount.split(':')[1]), ['/var/lib/sallyport'])
  t.notOk('ports' in crm, 'the CRM has no port on the machine')
  t.same(crm.networks, ['crm'])
  t.equal(networks.crm.internal, true, 'the CRM reaches nobody else')
})

const unit = read('deploy/sallyport.service')
const settings = new Map(unit.split('\n').filter(line => /^[A-Z]\w+=/.test(line)).map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))

t.test('systemd: what it starts is here, it has time to drain, and rights are taken away', async t => {
  for (const name of ['ExecStart', 'ExecStartPre']) {
    const [, program = ''] = /\/opt\/sallyport\/(\S+)/.exec(settings.get(name) ?? '') ?? []
    t.ok(existsSync(join(root, program)), `${name}: ${program}`)
  }
  t.ok(Number(settings.get('TimeoutStopSec')) * 1000 > drainMs)
  t.match(settings.get('ExecReload'), /-HUP/)
  const taken = ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'PrivateDevices', 'ProtectKernelTunables', 'ProtectKernelModules', 'ProtectControlGroups', 'RestrictNamespaces', 'RestrictSUIDSGID', 'LockPersonality']
  t.same(taken.filter(name => settings.get(name) !== 'yes'), [])
  t.equal(settings.get('ProtectSystem'), 'strict')
  t.equal(settings.get('CapabilityBoundingSet'), 'CAP_NET_BIND_SERVICE')
  t.equal(settings.get('StateDirectoryMode'), '0700')
  t.notOk(settings.has('MemoryDenyWriteExecute'), 'V8 would not start')
})

t.test('systemd: it knows every setting, and is content with what is left open', async t => {
  if (spawnSync('systemd-analyze', ['--version']).error !== undefined) {
    t.comment('systemd is not here: the settings above were read by this test only')
    t.ok([...settings.keys()].every(name => /^[A-Z][A-Za-z]+$/.test(name)))
    return
  }
  const place = mkdtempSync(join(tmpdir(), 'sallyport-unit-'))
  t.teardown(() => { rmSync(place, { recursive: true, force: true }) })
  const file = join(place, 'sallyport.service')
  // The programs are not where the unit expects them on this machine; what is judged is the rest.
  writeFileSync(file, readFileSync(join(root, 'deploy/sallyport.service'), 'utf8').replaceAll(/^(ExecStart(?:Pre)?)=.*$/gm, '$1=/bin/true').replaceAll(/^(?:User|Group)=.*\n/gm, ''))
  const { stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=40', file], { encoding: 'utf8' })
  t.notMatch(stderr, /Unknown (?:key|lvalue)/)
  t.match(stdout, /Overall exposure level for .*: [0-3]\.\d (?:OK|SAFE)/)
})
