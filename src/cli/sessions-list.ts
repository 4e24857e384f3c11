// `sallyport sessions list`: who is signed in, from where, and for how long still.
import type { SessionRow } from '../operations/list-sessions.ts'
import type { TimeZone } from '../shared/time-zone.ts'
import type { Command } from './command.ts'
import { formatMoment } from './format-table.ts'
import { plain, type Output } from './output.ts'
import { readZone } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'
import { describeUnreadable, readSessionFilter, sessionCommandOptions, sessionFilterOptions } from './session-options.ts'

/** `12m 30s`, `7h 58m`, `42s`. */
export function formatSpan (ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return `${hours}h ${minutes}m`
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`
}

interface Look { readonly zone: TimeZone, readonly shortKeyLength: number }

const head = ['id', 'person', 'name', 'roles', 'signed in', 'last activity', 'address', 'idle in', 'over in']

function cellsOf ({ id, person, name, roles, beganAt, lastActiveAt, address, beganFrom, idleLeftMs, leftMs }: SessionRow, { zone, shortKeyLength }: Look): readonly string[] {
  const from = beganFrom !== undefined && address !== undefined && beganFrom !== address ? `${address} (began at ${beganFrom})` : address ?? 'not known'
  return [
    id.slice(0, shortKeyLength), person ?? 'cannot be read', name ?? '', roles === undefined ? '' : roles.length === 0 ? 'none' : roles.join(' '),
    formatMoment(beganAt, zone), formatMoment(lastActiveAt, zone), from, formatSpan(idleLeftMs), formatSpan(leftMs),
  ].map(plain)
}

function printTable (rows: readonly SessionRow[], look: Look, output: Output): void {
  const lines = [head, ...rows.map(row => cellsOf(row, look))]
  const widths = head.map((_title, at) => Math.max(...lines.map(line => (line[at] ?? '').length)))
  for (const line of lines) output.line(line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ').trimEnd())
}

const asTime = (ms: number) => new Date(ms).toISOString()

function asJson ({ beganAt, lastActiveAt, idleLeftMs, leftMs, ...row }: SessionRow) {
  return { ...row, beganAt: asTime(beganAt), lastActiveAt: asTime(lastActiveAt), idleLeftSeconds: Math.floor(idleLeftMs / 1000), leftSeconds: Math.floor(leftMs / 1000) }
}

export const sessionsList: Command = {
  name: 'sessions list',
  positionals: [],
  options: {
    ...sessionFilterOptions,
    json: { help: 'Print JSON.' },
    'time-zone': { value: 'ZONE', help: 'Zone of the times: Europe/Berlin, America/Chicago. Default: UTC.' },
    ...sessionCommandOptions,
  },
  summary: 'Lists who is signed in at every gateway that shares the store; of several conditions all must hold. It is recorded in the trail.',
  async run ({ options }, output) {
    const zone = readZone(options)
    const { listSessions, shortKeyLength } = await import('../operations/list-sessions.ts')
    const { sessions, unreadable } = await listSessions({ configFile: options.get('config') ?? defaultConfigFile, filter: readSessionFilter(options) ?? {}, reason: options.get('reason') })
    if (options.has('json')) {
      output.line(JSON.stringify({ sessions: sessions.map(asJson), unreadable }, undefined, 2))
      return 0
    }
    const people = new Set(sessions.flatMap(({ person }) => person ?? [])).size
    if (sessions.length > 0) printTable(sessions, { zone, shortKeyLength }, output)
    output.line(sessions.length === 0 ? 'Nobody is signed in.' : `${sessions.length} session${sessions.length === 1 ? '' : 's'} of ${people === 1 ? '1 person' : `${people} people`}.`)
    if (unreadable > 0) output.remark(describeUnreadable(unreadable))
    return 0
  },
}
