// The process: read the configuration, build, listen, close on a signal.
import { readFileSync } from 'node:fs'
import { loadConfig } from './config/config.ts'
import { createGateway } from './gateway.ts'
import { createSystemClock } from './shared/clock.ts'
import { createLogger } from './shared/log.ts'
import { letYoungGrow } from './shared/young-memory.ts'
import { watchConfig } from './watch-config.ts'

/** Runs until SIGTERM or SIGINT; the exit code. Throws a ConfigurationError on findings. */
export async function runGateway (options: { readonly configFile: string }): Promise<number> {
  const loaded = await loadConfig(options.configFile)
  const { config, digest } = loaded
  const clock = createSystemClock()
  const log = createLogger({ level: config.operations.logLevel, name: config.gateway.name })
  const gateway = await createGateway(config, { clock, log, configDigest: digest, version: readVersion() })
  // A terminal and npm may both deliver a Ctrl-C: the second one must not end the draining.
  const stopped = new Promise<NodeJS.Signals>(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => { resolve(signal) })
  })
  // A bug must not leave a half-working gate behind: it ends the process, which the orchestrator starts again.
  process.on('uncaughtException', error => { log.bug('process.uncaught', error); process.exit(70) })
  process.on('unhandledRejection', error => { log.bug('process.unhandled', error); process.exit(70) })
  await gateway.listen()
  letYoungGrow()
  const readAgain = watchConfig(options.configFile, loaded, { gateway, clock, log })
  process.on('SIGHUP', () => { void readAgain() })
  const signal = await stopped
  log.info('gateway.stopping', { signal })
  await gateway.close()
  return 0
}

function readVersion (): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
