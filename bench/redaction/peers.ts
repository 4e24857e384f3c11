// The detectors of npm that people would take instead, each in its own usual setting. They are installed into a temporary folder for one run and are no dependency of ours.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'

export interface Redacter {
  readonly name: string
  redact (text: string): string | Promise<string>
}

const versions = { 'redact-pii': '3.4.0', openredaction: '1.1.5', compromise: '14.17.0' } as const

interface Term { readonly offset: { readonly start: number, readonly length: number } }
interface Document { people (): { json (options: object): Term[] }, places (): { json (options: object): Term[] } }

/** Cuts ranges out from behind, so that those before them stay where they are. */
function cutOut (text: string, ranges: readonly (readonly [number, number])[]): string {
  return [...ranges].sort(([left], [right]) => right - left).reduce((out, [start, end]) => `${out.slice(0, start)}[redacted]${out.slice(end)}`, text)
}

const adapters: Readonly<Record<keyof typeof versions, (require: NodeJS.Require) => Redacter['redact']>> = {
  'redact-pii' (require) {
    const { SyncRedactor } = require('redact-pii') as { SyncRedactor: new () => { redact (text: string): string } }
    const redactor = new SyncRedactor()
    return text => redactor.redact(text)
  },
  openredaction (require) {
    const { OpenRedaction } = require('openredaction') as { OpenRedaction: new (options: object) => { detect (text: string): Promise<{ redacted: string }> } }
    const redactor = new OpenRedaction({})
    return async text => (await redactor.detect(text)).redacted
  },
  compromise (require) {
    const read = require('compromise') as (text: string) => Document
    return text => {
      const document = read(text)
      const terms = [...document.people().json({ offset: true }), ...document.places().json({ offset: true })]
      return cutOut(text, terms.map(({ offset }) => [offset.start, offset.start + offset.length] as const))
    }
  },
}

/** Those that could be installed, and a sentence about each that could not. */
export function installPeers (directory: string): { readonly peers: readonly Redacter[], readonly missing: readonly string[] } {
  const peers: Redacter[] = []
  const missing: string[] = []
  for (const [name, version] of Object.entries(versions)) {
    try {
      execFileSync('npm', ['install', '--prefix', directory, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', `${name}@${version}`], { stdio: ['ignore', 'ignore', 'pipe'] })
      peers.push({ name: `${name} ${version}`, redact: adapters[name as keyof typeof versions](createRequire(join(directory, 'x.js'))) })
    } catch (error) {
      missing.push(`${name} ${version} is not compared: it could not be installed or loaded (${String(error instanceof Error ? error.message : error).split('\n')[0]})`)
    }
  }
  return { peers, missing }
}
