// `sallyport audit export`: a signed export for auditors, patients and other programs.
import { resolve } from 'node:path'
import { createSystemClock } from '../shared/clock.ts'
import { findClosestWord } from '../shared/closest-word.ts'
import type { ExportFormatName } from '../operations/export-trail.ts'
import { printRemarks } from './answer-remarks.ts'
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { askingOptions, filterOptions, rangeOptions, readAsked } from './question-options.ts'
import { readVersion } from './version.ts'

function readFormats (text: string | undefined, known: readonly ExportFormatName[]): readonly ExportFormatName[] {
  if (text === undefined) throw new UsageError(`audit export needs --format: one or several of ${known.join(', ')}, with commas between them.`)
  return text.split(',').map(word => {
    const found = known.find(name => name === word.trim())
    if (found !== undefined) return found
    const close = findClosestWord(word, known)
    throw new UsageError(`--format ${plain(word)} is not known.${close === undefined ? '' : ` Did you mean ${close}?`} There are ${known.join(', ')}.`)
  })
}

export const auditExport: Command = {
  name: 'audit export',
  positionals: [],
  options: {
    format: { value: 'LIST', help: 'csv, jsonl, fhir (R4 AuditEvent, IHE BALP), ocsf (6004), cef, html (summary with charts); several with commas.', isNeeded: true },
    'to-dir': { value: 'DIRECTORY', help: 'A new or empty directory.', isNeeded: true },
    ...filterOptions,
    ...rangeOptions,
    ...askingOptions,
  },
  summary: 'Writes a signed export with its manifest, public key and a page that says how to verify it.',
  async run ({ options }, output) {
    const { exportTrail, exportFormatNames, kindWords, outcomeWords } = await import('../operations/export-trail.ts')
    const formats = readFormats(options.get('format'), exportFormatNames)
    const directory = options.get('to-dir')
    if (directory === undefined) throw new UsageError('audit export needs --to-dir: a new or empty directory.')
    const asked = readAsked(options, { kinds: kindWords, outcomes: outcomeWords, now: createSystemClock().now() })
    const told = await exportTrail({ ...asked, formats, directory: resolve(directory), version: readVersion(), onProgress: output.progress })
    output.progress(undefined)
    output.line(plain(`${told.found === 1 ? '1 record' : `${told.found} records`} in ${directory}:`))
    for (const { name, bytes, sha256 } of told.files) output.line(`  ${name.padEnd(20)} ${String(bytes).padStart(12)} bytes  sha256 ${sha256}`)
    output.line(`  manifest.json is signed; its sha256 ${told.manifestDigest} is on record.`)
    output.line(`Tell the receiver this fingerprint of the key by another way, as by telephone: ${told.fingerprint}`)
    output.line('The files hold patient data. HOW-TO-VERIFY.md beside them says how to check them.')
    return printRemarks(told, output)
  },
}
