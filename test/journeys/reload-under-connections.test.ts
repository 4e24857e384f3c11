// A new policy and a new certificate are taken over while a thousand connections are open: each of them goes on, on the same socket, under the new policy.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { startKillableCrm } from '../support/load.ts'
import { createProcessPlace } from '../support/process-place.ts'

const many = 1000

t.test('a reload under a thousand open connections: none is lost, each is judged by the new policy, new ones get the new certificate', { timeout: 110_000 }, async t => {
  const crm = await startKillableCrm()
  t.teardown(() => crm.kill())
  const place = await createProcessPlace(t, {
    configure (draft) {
      draft['upstream'] = { url: crm.url }
      draft['listeners'] = { ...draft['listeners'], public: { ...draft['listeners']?.['public'] as object, limits: { maxConnectionsPerAddress: 2 * many, keepAliveTimeout: '5m' } } }
    },
  })
  const gateway = await startGatewayProcess(place.configFile)
  t.teardown(() => gateway.kill().catch(() => undefined))
  t.equal((await place.browser.submit(await place.browser.open(`${place.url}/`))).status, 200)
  const { headers, host, port, ca, servername } = place.wire()
  const open = async () => {
    const socket = connect({ host, port, ca, servername, ALPNProtocols: ['http/1.1'] })
    await once(socket, 'secureConnect')
    return socket
  }
  const ask = async (socket: TLSSocket, path: string) => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${headers.host}\r\nCookie: ${headers.cookie}\r\n\r\n`)
    let text = ''
    while (!text.includes('\r\n\r\n')) text += String((await once(socket, 'data'))[0])
    return Number(text.slice(9, 12))
  }
  const sockets: TLSSocket[] = []
  const lost: string[] = []
  t.teardown(() => { for (const socket of sockets) socket.destroy() })
  while (sockets.length < many) {
    const batch = await Promise.all(Array.from({ length: 50 }, open))
    for (const socket of batch) {
      socket.on('error', error => { lost.push(error.message) }).on('close', () => { lost.push('closed') })
      t.equal(await ask(socket, '/work?mark=before'), 200)
    }
    sockets.push(...batch)
  }
  const first = sockets[0]?.getPeerX509Certificate()?.serialNumber

  const renewed = await place.authority.issue({ names: ['crm.clinic.test'] })
  writeFileSync(join(place.directory, 'tls.pem'), renewed.certPem)
  writeFileSync(join(place.directory, 'tls.key'), renewed.keyPem, { mode: 0o600 })
  const draft = parse(readFileSync(place.configFile, 'utf8')) as { access: { roles: { nurse: { deny?: readonly string[] } } } }
  draft.access.roles.nurse.deny = ['* /closed/**']
  writeFileSync(place.configFile, stringify(draft))
  gateway.child.kill('SIGHUP')
  for (let tries = 0; tries < 500 && !gateway.log.some(line => line.includes('configuration.loaded')); tries += 1) await new Promise(resolve => { setTimeout(resolve, 10) })
  t.ok(gateway.log.some(line => line.includes('"changed":"access"')))

  t.same(lost, [])
  let refused = 0
  for (const socket of sockets) {
    if (await ask(socket, '/closed/x') === 403) refused += 1
    if (await ask(socket, '/work?mark=after') !== 200) lost.push('not answered')
  }
  t.equal(refused, many, 'each connection is judged by the new policy')
  t.same(lost, [], 'and goes on')
  t.equal(crm.marks.filter(mark => mark === 'after').length, many)
  const later = await open()
  t.not(later.getPeerX509Certificate()?.serialNumber, first, 'the certificate that came with it')
  later.destroy()
  for (const socket of sockets) socket.removeAllListeners('close')
  for (const socket of sockets) socket.destroy()
  t.equal(await gateway.stop(), 0)
})
