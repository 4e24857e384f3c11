// A gateway without mail has no library for mail in its memory, nor in its start.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createOutboundPlace } from '../support/outbound-place.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { createShieldPlace } from '../support/shield-place.ts'
import { createMailPlace } from '../support/mail-place.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.js')

/** Packages that the process itself and its threads loaded until it listens. */
async function listLoaded (t: Test, configure: Parameters<typeof createProcessPlace>[1]): Promise<ReadonlySet<string>> {
  const { directory, configFile } = await createProcessPlace(t, configure)
  const list = join(directory, 'loaded.txt')
  writeFileSync(join(directory, 'watch.mjs'), `import { registerHooks } from 'node:module'
import { appendFileSync } from 'node:fs'
registerHooks({ load (url, context, next) { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context) } })
`)
  const child = spawn(process.execPath, ['--import', join(directory, 'watch.mjs'), program, 'serve', '--config', configFile], { stdio: ['ignore', 'pipe', 'inherit'] })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => { log += chunk.toString(); if (log.includes('"msg":"gateway.started"')) resolve() })
    child.once('exit', () => { reject(new Error(log)) })
  })
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
  const urls = readFileSync(list, 'utf8').split('\n')
  return new Set(urls.flatMap(url => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1] ?? []))
}

const forMail = ['mailauth', 'smtp-server', 'nodemailer', 'mailsplit', 'libmime', 'joi', 'tldts']

t.test('no outbound door', async t => {
  const loaded = await listLoaded(t, {})
  t.ok(loaded.has('fastify'), [...loaded].join())
  t.same(forMail.filter(name => loaded.has(name)), [])
})

t.test('webhooks only', async t => {
  const place = await createOutboundPlace(t)
  const loaded = await listLoaded(t, { configure: place.configure })
  t.same(forMail.filter(name => loaded.has(name)), [])
})

t.test('the relay without the shield mailbox', async t => {
  const place = await createMailPlace(t)
  const loaded = await listLoaded(t, { configure: place.configure })
  t.ok(loaded.has('smtp-server'))
  t.same(['mailauth', 'joi', 'tldts'].filter(name => loaded.has(name)), [])
})

t.test('the shield mailbox: its checks are loaded with the first mail, in a thread', async t => {
  const place = await createShieldPlace(t)
  const loaded = await listLoaded(t, { configure: place.configure })
  t.ok(loaded.has('smtp-server'))
  t.same(['mailauth', 'joi', 'tldts'].filter(name => loaded.has(name)), [])
})
