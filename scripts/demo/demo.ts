// `npm run demo`: a sample CRM, an identity provider and the gateway in front of them on this machine, and the trail as it grows.
// It holds nothing back for itself: the gateway is the one that people run, with a configuration file that they could have written.
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { styleText } from 'node:util'
import { followTrail } from '../../src/operations/follow-trail.ts'
import { startCrm } from './crm/crm.ts'
import { createDirectory, type DemoDirectory } from './directory.ts'
import { GatewayEnded, startGateway, type GatewayProcess } from './gateway-process.ts'
import { writeGatewayYaml, type DemoSettings } from './gateway-yaml.ts'
import { startIdp } from './idp.ts'
import { readOptions, usage, UsageError, type DemoOptions } from './options.ts'
import { people } from './people.ts'
import { choosePublicPort, findFreePort, requireReachable, usualPort } from './ports.ts'
import { createTrailPrinter, formatHeads, type Paint } from './trail-line.ts'
import { formatWelcome } from './welcome.ts'

const background = ['/api/notifications', '/events', '/live', '/assets/']
const own = '/_sallyport'
const lastEventsMs = 1500
const repeatedSignalMs = 1000

// Colour only on a terminal, and not when NO_COLOR is set.
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout })
const print = (text: string) => { process.stdout.write(`${text}\n`) }
const announce = (text: string) => { print(paint('bold', `── ${text}`)) }

interface Running {
  readonly directory: DemoDirectory
  readonly settings: DemoSettings
  readonly idpUrl: string
  readonly gateway: GatewayProcess
}

/** Starts everything; what was started is handed to `cleanup`, so that it ends in the opposite order, whatever happens. */
async function start (options: DemoOptions, way: { readonly cleanup: AsyncDisposableStack, readonly onLost: (error: GatewayEnded) => void }): Promise<Running> {
  const { cleanup } = way
  if (options.redis !== undefined) await requireReachable(options.redis)
  const publicPort = await choosePublicPort(options.port)
  if (options.port === undefined && publicPort !== usualPort) print(`Port ${usualPort} is taken; the gateway listens on ${publicPort}. Another demo may still be running.`)
  const publicUrl = `https://localhost:${publicPort}`
  print('Starting the sample CRM, the identity provider and the gateway ...')
  const directory = await createDirectory()
  cleanup.defer(() => directory.remove())
  const crm = await startCrm({ afterSignOut: `${own}/signed-out?cause=signedOut` })
  cleanup.defer(() => crm.close())
  const sp = { entityId: `${publicUrl}${own}/saml/metadata`, acsUrl: `${publicUrl}${own}/saml/acs`, sloUrl: `${publicUrl}${own}/saml/slo` }
  // The same certificate as the gateway's: a browser that was told to go on asks only once.
  const idp = await startIdp({ host: 'localhost', port: 0, sp, people, tls: directory.tls })
  cleanup.defer(() => idp.close())
  const settings: DemoSettings = {
    // A Redis may hold the trails of other demos: each has a name of its own there.
    name: options.redis === undefined ? 'demo' : `demo-${randomBytes(3).toString('hex')}`,
    publicUrl,
    publicPort,
    healthPort: await findFreePort(),
    crmUrl: crm.url,
    idle: options.idle,
    redis: options.redis,
  }
  await directory.write('idp-metadata.xml', idp.metadataXml)
  if (options.redis !== undefined && options.redis.password !== '') await directory.write('secrets/redis-password', decodeURIComponent(options.redis.password))
  await directory.write('gateway.yaml', writeGatewayYaml(settings))
  const gateway = await startGateway({
    configFile: directory.configFile,
    logFile: directory.logFile,
    healthPort: settings.healthPort,
    onRestarted: signal => { announce(`the gateway was ended by ${signal} and is back (process ${gateway.pid()}); what had no ending has one now`) },
    onLost: way.onLost,
  })
  cleanup.defer(() => gateway.stop())
  return { directory, settings, idpUrl: idp.url, gateway }
}

function welcome ({ directory, settings, idpUrl, gateway }: Running): string {
  const { redis } = settings
  return formatWelcome({
    url: settings.publicUrl,
    authorityFile: directory.authorityFile,
    configFile: directory.configFile,
    logFile: directory.logFile,
    healthUrl: `http://127.0.0.1:${settings.healthPort}/ready`,
    idpUrl,
    gatewayPid: gateway.pid(),
    idle: settings.idle,
    trail: redis === undefined ? directory.trailDirectory : `${redis.protocol}//${redis.host}${redis.pathname}, gateway ${settings.name}; on its way there in ${directory.trailDirectory}`,
    hasSecondLoopback: process.platform === 'linux',
  }, paint)
}

/** Prints the trail until `ending` is aborted, and then until the gateway has said its last word. */
async function follow ({ directory, gateway }: Running, ending: AbortSignal): Promise<void> {
  const done = new AbortController()
  const printer = createTrailPrinter({ paint, background })
  const lastWord = Promise.withResolvers<void>()
  const following = followTrail({
    configFile: directory.configFile,
    fromStart: true,
    signal: done.signal,
    onEntry: ({ event, problems }) => {
      if (event === undefined || problems.length > 0) announce(`a record of the trail is damaged: ${problems.join(', ')}`)
      if (event === undefined) return
      print(printer.format(event))
      if (event.kind === 'gateway.stopped') lastWord.resolve()
    },
  })
  const ended = new Promise<void>(resolve => {
    if (ending.aborted) resolve()
    ending.addEventListener('abort', () => { resolve() }, { once: true })
  })
  await Promise.race([ended, following])
  await gateway.stop()
  await Promise.race([lastWord.promise, wait(lastEventsMs)])
  done.abort()
  await following
}

/** Aborts at the first Ctrl-C. npm passes signals on, so the same one may come twice; a later one ends at once. */
function listenForEnd (): AbortController {
  const ending = new AbortController()
  let firstAt = 0
  const end = () => {
    if (firstAt !== 0 && Date.now() - firstAt > repeatedSignalMs) process.exit(130)
    firstAt ||= Date.now()
    if (!ending.signal.aborted) ending.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  process.stdout.on('error', end)
  return ending
}

async function run (options: DemoOptions): Promise<number> {
  const ending = listenForEnd()
  let lost: GatewayEnded | undefined
  await using cleanup = new AsyncDisposableStack()
  try {
    const running = await start(options, { cleanup, onLost: error => { lost = error; ending.abort() } })
    if (!ending.signal.aborted) {
      print(welcome(running))
      print(paint('dim', formatHeads()))
    }
    await follow(running, ending.signal)
    print(`\nEverything is ended, and ${running.directory.path} is removed.${options.redis === undefined ? '' : ` The sealed trail of ${running.settings.name} stays in Redis; the key that opens it is gone.`}`)
  } catch (error) {
    if (!(error instanceof GatewayEnded)) throw error
    if (!ending.signal.aborted) lost = error // else Ctrl-C reached the gateway while it was starting
  }
  if (lost === undefined) return 0
  process.stderr.write(`\n${lost.message}\n${lost.log}\n`)
  return 1
}

async function main (): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options.help) { print(usage); return 0 }
    return await run(options)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

process.exitCode = await main()
