// What a start may load: a gateway in a process of its own, with nothing configured beyond a sign-in and a CRM, says which packages and rooms it took.
// Reason: docs/decisions/start.md.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { createProcessPlace } from '../support/process-place.ts'
import { freePort } from '../support/journey.ts'
import { root } from './sources.ts'

/** Loads what `serve` loads, listens, and prints the addresses of all modules. */
const script = `
import { registerHooks } from 'node:module'
const urls = []
registerHooks({ load (url, context, next) { urls.push(url); return next(url, context) } })
process.argv = [process.execPath, process.env.GATEWAY_BIN, 'serve', '--config', process.env.GATEWAY_CONFIG]
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = (chunk, ...rest) => {
  if (String(chunk).includes('gateway.started')) { write('LOADED ' + JSON.stringify(urls) + '\\n'); process.kill(process.pid, 'SIGTERM') }
  return true
}
await import(process.env.GATEWAY_BIN)
`

/** The packages that a start needs, and nothing that only some installations use. */
const mayLoad = new Set(`
  @fastify/cookie @fastify/error @fastify/forwarded @fastify/http-proxy @fastify/proxy-addr @fastify/reply-from @fastify/secure-session @opentelemetry/api @pinojs/redact @xmldom/xmldom
  abstract-logging ajv atomic-sleep avvio bare-addon-resolve bare-module-resolve bare-semver bintrees cookie end-of-stream fast-content-type-parse fast-decode-uri-component fast-deep-equal
  fast-json-stringify fast-querystring fast-uri fastify fastify-plugin fastq find-my-way ipaddr.js json-schema-traverse on-exit-leak-free once pino pino-std-serializers process-warning
  prom-client quick-format-unescaped require-addon ret reusify rfdc safe-regex2 safe-stable-stringify secure-json-parse semver sodium-native sonic-boom tdigest thread-stream toad-cache undici
  which-runtime wrappy ws yaml`.trim().split(/\s+/))

/** What the feeds and the reader of one's own spool share with questions. */
const startsWithFeeds = new Set([...['pairing', 'query', 'row'].map(name => `src/audit/questions/${name}.ts`), ...['cef', 'ocsf', 'severity'].map(name => `src/audit/export/${name}.ts`)])

t.test('a start without mail, deliveries, Redis, GraphQL and feeds loads no package for them, no reader of prose, and nothing that asks the trail', async t => {
  const healthPort = await freePort()
  const place = await createProcessPlace(t, { configure (draft) { draft['listeners'] = { ...draft['listeners'], health: { port: healthPort } } } })
  const { stdout: said } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: place.directory, timeout: 60_000, maxBuffer: 16 * 1024 * 1024, env: { GATEWAY_CONFIG: place.configFile, GATEWAY_BIN: join(root, 'bin/sallyport.js') },
  })
  const urls = JSON.parse(/^LOADED (.*)$/m.exec(said)?.[1] ?? '[]') as readonly string[]
  const packages = new Set(urls.flatMap(url => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []))
  t.ok(packages.has('fastify') && packages.has('yaml'), `${urls.length} modules of ${packages.size} packages`)
  t.same([...packages].filter(name => !mayLoad.has(name)), [])
  const ours = urls.flatMap(url => /\/(src\/.*)$/.exec(url)?.[1] ?? [])
  t.ok(ours.includes('src/gateway.ts'))
  const others = /^src\/(?:phi\/(?:prose|mail|learn)\/|audit\/(?:archive|backup|export|questions|verify)\/(?!.*-config\.ts)|outbound\/(?!.*config\.ts)|cli\/commands\.ts)/
  t.same(ours.filter(file => others.test(file) && !startsWithFeeds.has(file)), [])
  const ofUndici = urls.filter(url => url.includes('/undici/'))
  t.same(ofUndici.filter(url => /\/undici\/(?:index\.js|lib\/(?:web|mock|cache|interceptor)\/)/.test(url)), [], `${ofUndici.length} of undici, those that send`)
  t.ok(urls.length < 1050, `${urls.length} modules`)
})

t.test('what reply-from looks at of undici is in the part that we load', async t => {
  const require = createRequire(import.meta.url)
  const folder = join(require.resolve('@fastify/reply-from'), '..')
  const text = ['index.js', 'lib/request.js', 'lib/utils.js', 'lib/errors.js'].map(file => readFileSync(join(folder, file), 'utf8')).join('\n')
  const words = new Set([...text.matchAll(/\bundici\.([A-Za-z]+)/g)].map(([, word]) => word as string))
  // Used only by those that leave the sending to it.
  const unused = ['ProxyAgent', 'getGlobalDispatcher']
  const { takeUndici } = await import('../../src/shared/undici.ts')
  const part = takeUndici() as unknown as Record<string, unknown>
  t.ok(words.has('BalancedPool'))
  t.same([...words].filter(word => part[word] === undefined && !unused.includes(word)), [])
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { readonly packages: Readonly<Record<string, { readonly dev?: boolean, readonly dependencies?: Record<string, string> }>> }
  const asking = Object.entries(lock.packages).filter(([name, entry]) => name !== '' && entry.dev !== true && entry.dependencies?.['undici'] !== undefined).map(([name]) => name)
  // mailauth asks in what fetches logos (BIMI), which the thread of the shield mailbox does not load.
  t.same(asking, ['node_modules/@fastify/reply-from', 'node_modules/mailauth'], 'nobody else asks for undici by its name')
})
