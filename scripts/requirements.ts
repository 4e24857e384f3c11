// The programs that tests need beside Node.js: found, else installed where that is possible, else named in one sentence. Never skipped.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Requirement {
  readonly name: string
  /** A variable that names one which is there already. */
  readonly variable: string
  readonly programs: readonly string[]
  readonly debianPackage: string
  /** Further packages that it cannot do without. */
  readonly besides?: readonly string[]
}

export const redisRequirement: Requirement = {
  name: 'Redis', variable: 'SALLYPORT_TEST_REDIS_URL', programs: ['redis-server'], debianPackage: 'redis-server',
}

export const chromiumRequirement: Requirement = {
  name: 'Chromium', variable: 'SALLYPORT_CHROMIUM', programs: ['chromium', 'chromium-browser', 'google-chrome'], debianPackage: 'chromium',
}

/** An application that nobody here wrote, for the gateway to stand before; with SQLite it needs no server. */
export const requestTrackerRequirement: Requirement = {
  name: 'Request Tracker', variable: 'SALLYPORT_REQUEST_TRACKER_SETUP', programs: ['rt-setup-database-5'], debianPackage: 'request-tracker5', besides: ['rt5-db-sqlite'],
}

function findProgram (names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(file => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function installWithApt ({ debianPackage, besides = [] }: Requirement): boolean {
  if (findProgram(['apt-get']) === undefined || process.getuid?.() !== 0) return false
  process.stderr.write(`Installing Debian's package ${debianPackage} ...\n`)
  const run = (...words: string[]) => spawnSync('apt-get', ['-qq', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Without a run level the package does not start a server of its own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  }).status === 0
  const install = () => run('install', '-y', '--no-install-recommends', debianPackage, ...besides)
  return install() || (run('update') && install())
}

/** The program's path or the variable's value; undefined when it can neither be found nor installed. */
export function obtain (requirement: Requirement): string | undefined {
  const given = process.env[requirement.variable]
  if (given !== undefined && given !== '') return given
  return findProgram(requirement.programs) ?? (installWithApt(requirement) ? findProgram(requirement.programs) : undefined)
}

export function explainMissing (requirement: Requirement): string {
  return `${requirement.name} is needed for the tests and is not here: install Debian's package ${[requirement.debianPackage, ...requirement.besides ?? []].join(' with ')} (as root), or set ${requirement.variable}.`
}
