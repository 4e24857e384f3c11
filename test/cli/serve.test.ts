// `sallyport serve` as a service manager runs it: it comes up, says so, and goes down in order.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import t from 'tap'
import { baseYaml, createWorkspace } from '../config/workspace.ts'
import { createKeyPair } from '../support/key-pair.ts'
import { runCli, startCli } from './run-cli.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
workspace.write('idp/signing.pem', (await createKeyPair('idp')).certificatePem)

const yaml = baseYaml
  .replace('      metadataFile: idp/metadata.xml', '      { entityId: "https://idp.example", signOnUrl: "https://idp.example/sign-in", certificates: [idp/signing.pem] }')
  .replace('  public:\n', '  health: { port: 0 }\n  public:\n    host: 127.0.0.1\n    port: 0\n')

async function waitForStart (output: Readable): Promise<{ readonly port: number, readonly health: number }> {
  for await (const line of createInterface({ input: output })) {
    const entry = JSON.parse(line) as { readonly msg: string, readonly port: number, readonly health: number }
    if (entry.msg === 'gateway.started') return entry
  }
  throw new Error('it ended without having started')
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`it is ready once it says so, and ${signal} ends it with 0`, async t => {
    const child = startCli(['serve', '--config', workspace.write('gateway.yaml', yaml)])
    const { health } = await waitForStart(child.stdout)
    t.equal((await fetch(`http://127.0.0.1:${health}/ready`)).status, 200)
    const ended = once(child, 'exit')
    child.kill(signal)
    t.same(await ended, [0, null])
  })
}

t.test('a second gateway in the same data directory, and one whose port is taken, say why they do not start', async t => {
  const child = startCli(['serve', '--config', workspace.write('gateway.yaml', yaml)])
  await waitForStart(child.stdout)
  t.match(await runCli(['serve', '--config', workspace.path('gateway.yaml')]), { code: 1, err: /^Sallyport could not start: The audit spool .* is in use by process \d+\./ })
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  const holder = createServer().listen(0, '127.0.0.1')
  t.teardown(() => holder.close())
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  const file = workspace.write('taken.yaml', yaml.replace('health: { port: 0 }', `health: { port: ${port} }`))
  t.match(await runCli(['serve', '--config', file]), { code: 1, err: new RegExp(`^Sallyport could not start: 127\\.0\\.0\\.1 port ${port}: another program listens there already`) })
})
