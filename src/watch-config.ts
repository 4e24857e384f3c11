// When the configuration is read again: at SIGHUP, and when one of its files changed. A bad one changes nothing, and says why.
import { statSync } from 'node:fs'
import { loadConfig, type LoadedConfig } from './config/config.ts'
import type { Gateway } from './gateway.ts'
import type { Clock } from './shared/clock.ts'
import { ConfigurationError, Failure } from './shared/errors.ts'
import type { Logger } from './shared/log.ts'

const lookEveryMs = 5000

/** Size and time of the files; `-` for one that is away. */
function fingerprint (files: readonly string[]): string {
  return files.map(file => {
    const stats = statSync(file, { throwIfNoEntry: false })
    return stats === undefined ? '-' : `${stats.size} ${stats.mtimeMs} ${stats.ino}`
  }).join('|')
}

/** Returns a function that reads the configuration again now. Readings come one after the other. */
export function watchConfig (configFile: string, loaded: LoadedConfig, deps: { readonly gateway: Gateway, readonly clock: Clock, readonly log: Logger }): () => Promise<void> {
  let { files } = loaded
  let seen = fingerprint(files)
  let last: Promise<void> = Promise.resolve()
  const read = async () => {
    seen = fingerprint(files)
    try {
      const next = await loadConfig(configFile)
      files = next.files
      seen = fingerprint(files)
      await deps.gateway.reload(next)
    } catch (error) {
      if (!(error instanceof ConfigurationError)) {
        // Not on record, not taken over: the next look tries again.
        seen = ''
        if (error instanceof Failure) deps.log.error('configuration.notRecorded', { code: error.code })
        else deps.log.bug('configuration.bug', error)
        return
      }
      for (const { file, line, path, message } of error.findings) deps.log.error('configuration.finding', { file, line, path, message })
      await deps.gateway.refuseReload({ findings: error.findings.length }).catch(() => { seen = '' })
    }
  }
  const readNext = () => { last = last.then(read); return last }
  deps.clock.every(lookEveryMs, () => { if (fingerprint(files) !== seen) void readNext() })
  return readNext
}
