// The process: read the configuration, build, listen, close on a signal.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadConfig, type GatewayConfig, type LoadedConfig } from './config/config.ts'
import { createGateway, createWorkersHealth } from './gateway.ts'
import { endLeftSpools } from './operations/end-left-spools.ts'
import { createSystemClock, type Clock } from './shared/clock.ts'
import { createLogger, type Logger } from './shared/log.ts'
import { letYoungGrow } from './shared/young-memory.ts'
import { watchConfig } from './watch-config.ts'
import { superviseWorkers, type WorkerMessage } from './workers/workers.ts'

export interface GatewayProcessOptions {
  readonly configFile: string
  /** One process of several, from 1. Undefined: the whole gateway. */
  readonly worker?: number | undefined
}

/** Runs until SIGTERM or SIGINT; the exit code. Throws a ConfigurationError on findings. */
export async function runGateway (options: GatewayProcessOptions): Promise<number> {
  const loaded = await loadConfig(options.configFile)
  const { config } = loaded
  const clock = createSystemClock()
  const log = createLogger({ level: config.operations.logLevel, name: config.gateway.name })
  // A terminal and npm may both deliver a Ctrl-C: the second one must not end the draining.
  const stopped = new Promise<NodeJS.Signals>(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => { resolve(signal) })
    // A worker does not outlive what started it.
    process.once('disconnect', () => { resolve('SIGTERM') })
  })
  // A limit on the size of files is told to whoever writes (EFBIG), as a full disk is: unheard, the signal would end the process, and the gate with it.
  process.on('SIGXFSZ', () => undefined)
  const { worker } = options
  if (worker === undefined) await endLeftSpools(config, { clock, log })
  if (worker === undefined && config.gateway.workers > 1) return await runWorkers(options.configFile, { config, clock, log, stopped })
  try { return await runOne(options, { loaded, clock, log, stopped }) } finally {
    // The channel to what started it would keep the process.
    if (process.connected) process.disconnect?.()
  }
}

async function runOne ({ configFile, worker }: GatewayProcessOptions, { loaded, clock, log, stopped }: Omit<Running, 'config'> & { readonly loaded: LoadedConfig }): Promise<number> {
  const gateway = await createGateway(loaded.config, { clock, log, configDigest: loaded.digest, version: readVersion(), worker })
  // A bug must not leave a half-working gate behind: it ends the process, which the orchestrator starts again.
  process.on('uncaughtException', error => { log.bug('process.uncaught', error); process.exit(70) })
  process.on('unhandledRejection', error => { log.bug('process.unhandled', error); process.exit(70) })
  const listening = await gateway.listen()
  process.send?.({ listening } satisfies WorkerMessage)
  letYoungGrow()
  const readAgain = watchConfig(configFile, loaded, { gateway, clock, log })
  process.on('SIGHUP', () => { void readAgain() })
  const signal = await stopped
  log.info('gateway.stopping', { signal })
  await gateway.close()
  return 0
}

interface Running {
  readonly config: GatewayConfig
  readonly clock: Clock
  readonly log: Logger
  readonly stopped: Promise<NodeJS.Signals>
}

async function runWorkers (configFile: string, { config, clock, log, stopped }: Running): Promise<number> {
  return await superviseWorkers({
    workers: config.gateway.workers,
    createHealth: deps => createWorkersHealth(config, deps),
    clock,
    log,
    stopped,
    start: worker => fork(fileURLToPath(new URL('../bin/sallyport.js', import.meta.url)), ['serve', '--config', configFile, '--worker', String(worker)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    onReload (reload) { process.on('SIGHUP', reload) },
  })
}

function readVersion (): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
