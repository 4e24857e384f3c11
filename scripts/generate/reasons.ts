// Writes the reference of all refusals and failures from the rooms' reasons.ts.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ReasonTable } from '../../src/shared/errors.ts'

export interface RoomReasons {
  /** `src/inbound/session/reasons.ts` */
  readonly file: string
  readonly table: ReasonTable
}

function isReasons (value: unknown): value is { readonly table: ReasonTable } {
  return typeof value === 'object' && value !== null && 'table' in value && 'deny' in value
}

/** The tables of all rooms. Throws when a reasons.ts has none. */
export async function readReasons (root: string): Promise<readonly RoomReasons[]> {
  const files = globSync('src/**/reasons.ts', { cwd: root }).sort()
  return await Promise.all(files.map(async file => {
    const exported: unknown = await import(pathToFileURL(join(root, file)).href)
    const found = Object.values(exported as object).find(isReasons)
    if (found === undefined) throw new Error(`${file} exports no reasons made with defineReasons`)
    return { file, table: found.table }
  }))
}

const escape = (text: string) => text.replaceAll('|', '\\|')

export function writeReasons (rooms: readonly RoomReasons[]): string {
  const sections = rooms.flatMap(({ file, table }) => [
    `## ${file.replace(/^src\//, '').replace(/\/reasons\.ts$/, '')}`,
    '',
    '| code | status | the person reads | the operator reads | rule |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries(table).map(([code, reason]) => `| \`${code}\` | ${reason.status} | ${escape(reason.publicText)} | ${escape(reason.operatorText)} | ${escape(reason.citation ?? '')} |`),
    '',
  ])
  return [
    '# Refusals and failures',
    '',
    'Generated from the `reasons.ts` of each room (`npm run generate`). The code stands in the audit trail, in the log, and in the answer to a program',
    '(problem JSON, RFC 9457); the person reads the sentence.',
    '',
    ...sections,
  ].join('\n')
}
