// The chart with the real Helm: every scenario of helm/ci is linted and rendered, what comes out fits Kubernetes' schemas, and the gateway itself takes
// the configuration in it. What cannot be right together is refused with a sentence.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { read, root } from '../architecture/sources.ts'
import { createTestAuthority } from '../support/certificates.ts'
import { createKeyPair } from '../support/key-pair.ts'
import { writeIdpMetadata } from '../support/saml-metadata.ts'
import { checkManifests, type Manifest } from './manifests.ts'

const helm = process.env['SALLYPORT_HELM'] ?? ''
if (helm === '') throw new Error('SALLYPORT_HELM names no Helm: run this file with npm test, which finds or fetches one.')
const chart = join(root, 'helm')
const place = mkdtempSync(join(tmpdir(), 'sallyport-chart-'))
t.teardown(() => { rmSync(place, { recursive: true, force: true }) })
const run = promisify(execFile)

interface Said { readonly ok: boolean, readonly text: string }
async function runHelm (...args: string[]): Promise<Said> {
  try {
    return { ok: true, text: (await run(helm, args, { maxBuffer: 16 * 1024 * 1024, env: { HOME: place, PATH: process.env['PATH'] ?? '' } })).stdout }
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string, readonly stderr: string }
    return { ok: false, text: stdout + stderr }
  }
}

const readManifests = (text: string) => parseAllDocuments(text, { version: '1.1' }).map(document => document.toJS() as Manifest | null).filter(manifest => manifest !== null)
const scenarios = globSync('ci/*-values.yaml', { cwd: chart }).sort().map(file => ({ name: basename(file, '-values.yaml'), file: join(chart, file) }))
const valuesOf = (name: string) => join(chart, 'ci', `${name}-values.yaml`)
const template = (file: string, ...more: string[]) => runHelm('template', 'crm', chart, '--values', file, '--kube-version', '1.33', ...more)

async function render (name: string, ...more: string[]): Promise<readonly Manifest[]> {
  const said = await template(valuesOf(name), ...more)
  if (!said.ok) throw new Error(said.text)
  return readManifests(said.text)
}

type Deep = any // rendered YAML, whose form checkManifests has proven
const find = (manifests: readonly Manifest[], kind: string, name = 'crm-sallyport'): Deep => manifests.find(manifest => manifest.kind === kind && manifest.metadata.name === name)

/** Every file that a mounted Secret or ConfigMap would bring. */
async function writeMounts (): Promise<void> {
  const authority = await createTestAuthority()
  const leaf = await authority.issue({ names: ['crm.clinic.example'] })
  const files = {
    'tls/tls.crt': leaf.certPem,
    'tls/tls.key': leaf.keyPem,
    'keys/session.secret': randomBytes(32).toString('base64'),
    'keys/audit.key': randomBytes(32).toString('base64'),
    'files/idp/metadata.xml': writeIdpMetadata({ certificates: [(await createKeyPair('idp.example')).certificatePem] }),
    'files/crm/ca.crt': authority.caPem,
    'files/redis/ca.crt': authority.caPem,
    'files/mail/password': randomBytes(24).toString('hex'),
    'files/proxy/password': randomBytes(24).toString('hex'),
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(place, name, '..'), { recursive: true })
    writeFileSync(join(place, name), text)
  }
}
await writeMounts()

t.ok(scenarios.length >= 8, `${scenarios.length} scenarios`)

for (const { name, file } of scenarios) {
  t.test(`${name}: linted, valid for Kubernetes, and the gateway takes its configuration`, async t => {
    const lint = await runHelm('lint', chart, '--strict', '--values', file)
    t.ok(lint.ok, lint.text)
    const manifests = await render(name)
    t.same(await checkManifests(manifests), [])
    const config = find(manifests, 'ConfigMap', 'crm-sallyport-config').data['gateway.yaml'] as string
    const written = join(place, `${name}.yaml`)
    writeFileSync(written, config.replaceAll('/etc/sallyport/', `${place}/`).replaceAll('/var/lib/sallyport', `${place}/data`))
    const loaded = await loadConfig(written, { SESSION_REDIS_PASSWORD: 'one', AUDIT_REDIS_PASSWORD: 'two' })
    t.same(loaded.warnings, [])
  })
}

t.test('a member that Kubernetes does not know, and a value that it does not take, are found', async t => {
  const manifests = structuredClone(await render('standalone')) as Manifest[]
  const pod = find(manifests, 'StatefulSet').spec.template.spec
  pod.containers[0].readynessProbe = pod.containers[0].readinessProbe
  pod.terminationGracePeriodSeconds = 'long'
  const found = (await checkManifests(manifests)).join('\n')
  t.match(found, /StatefulSet crm-sallyport: .*readynessProbe/)
  t.match(found, /StatefulSet crm-sallyport: .*terminationGracePeriodSeconds/)
})

t.test('the pod is as the image needs it: no root, nothing writable but the data, no token, probes on the health port', async t => {
  const { spec } = find(await render('standalone'), 'StatefulSet')
  const pod = spec.template.spec
  const [container] = pod.containers
  t.match(read('Dockerfile'), new RegExp(`^USER ${container.securityContext.runAsUser}:${container.securityContext.runAsGroup}$`, 'm'))
  t.match(container.securityContext, { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })
  t.equal(pod.automountServiceAccountToken, false)
  t.same(container.volumeMounts.filter((mount: Deep) => mount.readOnly !== true).map((mount: Deep) => mount.mountPath), ['/var/lib/sallyport'])
  t.same(['startupProbe', 'livenessProbe', 'readinessProbe'].map(probe => container[probe].httpGet), ['/live', '/live', '/ready'].map(path => ({ path, port: 'health' })))
  const { drainTimeout } = parse(read('config/gateway.example.yaml')).listeners.public as { readonly drainTimeout: string }
  t.ok(pod.terminationGracePeriodSeconds > container.lifecycle.preStop.sleep.seconds + Number.parseInt(drainTimeout), 'the drain has its time')
  t.match(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' })
})

t.test('secrets are references: nothing of the values becomes a Secret', async t => {
  for (const { name } of scenarios) t.same((await render(name)).filter(({ kind }) => kind === 'Secret'), [], name)
  const { env } = find(await render('redis-url'), 'StatefulSet').spec.template.spec.containers[0]
  t.same(env[0], { name: 'SESSION_REDIS_PASSWORD', valueFrom: { secretKeyRef: { name: 'sallyport-redis', key: 'sessions' } } })
})

t.test('the gateway is the only way in and out: every policy denies by default and opens the named ports only', async t => {
  for (const { name } of scenarios) {
    const policies: Deep[] = (await render(name)).filter(({ kind }) => kind === 'NetworkPolicy')
    for (const { spec } of policies) t.same(spec.policyTypes, ['Ingress', 'Egress'], name)
    t.same(policies[0].spec.ingress[0].ports, [{ protocol: 'TCP', port: 8443 }], name)
    t.ok(policies.every(({ spec }) => spec.egress.every((rule: Deep) => rule.to?.length > 0)), `${name}: no way out to everywhere`)
  }
  const standalone = await render('standalone')
  t.equal(find(standalone, 'NetworkPolicy').spec.ingress.length, 1, 'metrics are for nobody until somebody is named')
  const crm = find(standalone, 'NetworkPolicy', 'crm-sallyport-crm').spec
  t.same(crm.podSelector.matchLabels, { app: 'crm' })
  t.same(crm.ingress, [{ from: [{ podSelector: { matchLabels: find(standalone, 'StatefulSet').spec.selector.matchLabels } }], ports: [{ protocol: 'TCP', port: 8080 }] }])
  const side = find(await render('sidecar'), 'NetworkPolicy').spec
  t.same(side.ingress.flatMap((rule: Deep) => rule.ports.map((port: Deep) => port.port)), [8443], 'the CRM\'s own port is closed')
  t.same(find(await render('everything'), 'NetworkPolicy').spec.ingress[1].ports, [{ protocol: 'TCP', port: 9090 }])
})

t.test('the CRM in pods of its own reaches each listener of the outbound door that is not on loopback; nobody else does, by the load balancer neither', async t => {
  const pods = find(await render('standalone'), 'StatefulSet').spec.selector.matchLabels
  const open = async (...more: string[]) => {
    const manifests = await render('outbound', ...more)
    const ports = find(manifests, 'Service', 'crm-sallyport-outbound')?.spec.ports.map(({ name, port }: Deep) => [name, port]) ?? []
    const wanted = ports.map(([, port]: Deep) => ({ protocol: 'TCP', port }))
    const isOpen = ports.length > 0
    t.same(find(manifests, 'NetworkPolicy').spec.ingress.slice(1), isOpen ? [{ ports: wanted, from: [{ podSelector: { matchLabels: { app: 'crm' } } }] }] : [])
    t.same(find(manifests, 'NetworkPolicy', 'crm-sallyport-crm').spec.egress.slice(1), isOpen ? [{ ports: wanted, to: [{ podSelector: { matchLabels: pods } }] }] : [])
    t.same(find(manifests, 'StatefulSet').spec.template.spec.containers[0].ports.slice(2).map(({ name, containerPort }: Deep) => [name, containerPort]), ports)
    t.same(find(manifests, 'Service').spec.ports.map((port: Deep) => port.name), ['public'], 'the load balancer leads people in and nothing else')
    return ports
  }
  t.same(await open(), [['mail', 2525]], 'with the port of the schema')
  t.same(await open('--set', 'config.outbound.mail.listener.port=2526'), [['mail', 2526]])
  t.same(await open('--set', 'config.outbound.mail.listener.host=127.0.0.1'), [])
  t.same(await open('--set', 'config.outbound.proxy.listener.host=0.0.0.0,config.outbound.listener.host=::'), [['mail', 2525], ['proxy', 8092]], 'the relay is closed without destinations')
})

t.test('sidecar: both containers in one pod, and the CRM waits until the gateway has finished', async t => {
  const pod = find(await render('sidecar'), 'StatefulSet').spec.template.spec
  t.same(pod.containers.map((container: Deep) => container.name), ['sallyport', 'crm'])
  t.ok(pod.containers[1].lifecycle.preStop.sleep.seconds >= 35 && pod.containers[1].lifecycle.preStop.sleep.seconds < pod.terminationGracePeriodSeconds)
})

t.test('library: a parent chart includes container and volumes into its own Deployment', async t => {
  const parent = join(place, 'parent')
  mkdirSync(join(parent, 'templates'), { recursive: true })
  cpSync(chart, join(parent, 'charts', 'sallyport'), { recursive: true })
  writeFileSync(join(parent, 'Chart.yaml'), 'apiVersion: v2\nname: crm\nversion: 1.0.0\ndependencies: [{ name: sallyport, version: 0.1.0 }]\n')
  writeFileSync(join(parent, 'values.yaml'), `sallyport:\n${read('helm/ci/library-values.yaml').split('\n').map(line => `  ${line}`).join('\n')}`)
  const [, example = ''] = /```yaml\n(# templates\/deployment\.yaml[\s\S]*?)```/.exec(read('docs/kubernetes.md')) ?? []
  writeFileSync(join(parent, 'templates', 'deployment.yaml'), example)
  const said = await runHelm('template', 'clinic', parent)
  t.ok(said.ok, said.text)
  const manifests = readManifests(said.text)
  t.same(await checkManifests(manifests), [])
  const pod = find(manifests, 'Deployment', 'crm').spec.template.spec
  t.same(pod.containers.map((container: Deep) => container.name), ['crm', 'sallyport'])
  const volumes = new Set(pod.volumes.map((volume: Deep) => volume.name))
  t.same(pod.containers[1].volumeMounts.map((mount: Deep) => mount.name).filter((name: string) => !volumes.has(name)), [], 'every mount has its volume')
  t.notOk(manifests.some(({ kind }) => kind === 'StatefulSet'), 'no pod of ours')
})

t.test('an emptyDir means Redis, and the notes say so', async t => {
  const manifests = await render('empty-dir')
  t.match(parse(find(manifests, 'ConfigMap', 'crm-sallyport-config').data['gateway.yaml']), { audit: { durability: 'redis' } })
  t.notOk(find(manifests, 'StatefulSet').spec.volumeClaimTemplates)
  const notes = await runHelm('install', 'crm', chart, '--values', valuesOf('empty-dir'), '--dry-run=client')
  t.match(notes.text, /The spool is an emptyDir: it is gone with the pod\. So a request counts as on record only when Redis has it/)
})

const refusals: ReadonlyArray<readonly [title: string, scenario: string, sets: readonly string[], says: RegExp]> = [
  ['an emptyDir with a spool that counts', 'empty-dir', ['config.audit.durability=spool'], /spool\.kind is emptyDir, which is gone with the pod, but config\.audit\.durability is spool/],
  ['an emptyDir without Redis', 'standalone', ['spool.kind=emptyDir'], /config\.audit\.redis is missing: add it, or set spool\.kind: pvc/],
  ['two replicas with sessions of their own', 'standalone', ['replicas=2'], /set config\.session\.store to \{ kind: redis/],
  ['a sidecar without a CRM', 'standalone', ['mode=sidecar'], /crm\.containers is empty/],
  ['a CRM that cannot be closed', 'standalone', ['crm.podSelector.app=null'], /networkPolicy needs crm\.podSelector/],
  ['cert-manager without an issuer', 'standalone', ['certificate.enabled=true'], /certificate\.issuer\.name/],
  ['a value that nobody knows', 'standalone', ['netwrkPolicy.enabled=true'], /netwrkPolicy/],
  ['a setting of the gateway that nobody knows', 'standalone', ['config.session.idleTimeoutMinute=5'], /idleTimeoutMinute/],
  ['a setting of the gateway with a wrong word', 'standalone', ['config.audit.durability=disk'], /durability/],
]
for (const [title, scenario, sets, says] of refusals) {
  t.test(`refused: ${title}`, async t => {
    const said = await template(valuesOf(scenario), ...sets.flatMap(set => ['--set', set]))
    t.notOk(said.ok)
    t.match(said.text, says)
  })
}
