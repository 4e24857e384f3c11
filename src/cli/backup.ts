// `sallyport backup`, `restore` and `restore-drill`.
import { UsageError, type Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

const number = (value: number, one: string, many: string) => `${value.toLocaleString('en')} ${value === 1 ? one : many}`
const mebibytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`

export const backup: Command = {
  name: 'backup',
  positionals: [],
  options: askingOptions,
  summary: 'Copies what is new in the archive, and seals configuration, keys, checkpoints and the rest of the trail into one set.',
  async run ({ options }, output) {
    const reason = requireReason(options)
    const { makeBackup } = await import('../operations/make-backup.ts')
    const { set, setBytes, files, objects, copied, copiedBytes, removed } = await makeBackup({ configFile: options.get('config') ?? defaultConfigFile, reason })
    output.line(`${set}: ${number(files, 'file', 'files')} (${mebibytes(setBytes)}), sealed.`)
    output.line(`The archive has ${number(objects, 'object', 'objects')}: ${copied.toLocaleString('en')} copied now (${mebibytes(copiedBytes)}), each read back${removed === 0 ? '' : `; ${removed} removed, as the archive did`}.`)
    return 0
  },
}

export const restore: Command = {
  name: 'restore',
  positionals: [],
  options: {
    from: { value: 'DIRECTORY', help: 'The directory of backups; of an object store, a copy of the bucket.' },
    key: { value: 'FILE', help: 'The key of backups, backup.key.' },
    'to-dir': { value: 'DIRECTORY', help: 'A new or empty directory.' },
    set: { value: 'NAME', help: 'Another set than the latest.' },
  },
  summary: 'Sets a backup up in an empty directory and verifies every record. It needs no configuration, and touches nothing else.',
  async run ({ options }, output) {
    const { restoreBackup } = await import('../operations/restore-backup.ts')
    const require = (name: string) => options.get(name) ?? refuse(`restore needs --${name}: sallyport restore --from DIRECTORY --key FILE --to-dir DIRECTORY`)
    const to = require('to-dir')
    const { set, time, files, objects, missing, report } = await restoreBackup({ from: require('from'), keyFile: require('key'), to, set: options.get('set') })
    output.line(`${set}, made ${new Date(time).toISOString()}: ${number(files, 'file', 'files')} and ${number(objects, 'object', 'objects')} of the archive are in ${plain(to)}.`)
    for (const name of missing) output.remark(`!! MISSING: ${plain(name)} belongs to the set and is not in the backup.`)
    output.line(`Verified: ${report.records.toLocaleString('en')} records, ${report.verdict}.`)
    for (const { class: kind, source, detail } of report.findings.slice(0, 10)) output.remark(`  ${kind}: ${plain(source)}: ${plain(detail)}.`)
    for (const remark of report.remarks) output.line(remark)
    output.line('Compare gateway.dataDirectory and audit.archive.directory in its configuration with data/ and archive/ there; what lay outside its directory is below elsewhere/, and the trail\'s keys are in trail-keys/.')
    return missing.length === 0 && report.verdict === 'intact' ? 0 : 1
  },
}

export const restoreDrill: Command = {
  name: 'restore-drill',
  positionals: [],
  options: { json: { help: 'Prints the result as JSON.' }, ...askingOptions },
  summary: 'Restores one random day of the latest backup, proves it, asks about a patient, and signs how it went and how long it took.',
  async run ({ options }, output) {
    const reason = requireReason(options)
    const { drillRestore } = await import('../operations/drill-restore.ts')
    const told = await drillRestore({ configFile: options.get('config') ?? defaultConfigFile, reason })
    if (options.has('json')) output.line(JSON.stringify(told))
    else printDrill(told, output)
    return told.verdict === 'passed' ? 0 : 1
  },
}

type Told = Awaited<ReturnType<typeof import('../operations/drill-restore.ts').drillRestore>>

function printDrill ({ verdict, day, set, segments, records, checkpoints, answers, problems, ms, file, fingerprint }: Told, output: Output): void {
  output.line(`${verdict === 'passed' ? 'PASSED' : 'FAILED'}  ${day} from ${set}: ${number(segments, 'segment', 'segments')}, ${number(records, 'record', 'records')}, ${number(checkpoints, 'checkpoint', 'checkpoints')}.`)
  for (const problem of problems) output.line(`  ${plain(problem)}.`)
  output.line(answers === 0 ? 'No patient was recorded on that day, so none was asked about.' : `A question about one patient of that day found ${number(answers, 'record', 'records')}.`)
  output.line(`Time: opened ${ms.open} ms, restored ${ms.restore} ms, proven ${ms.prove} ms, asked ${ms.ask} ms; in all ${ms.all} ms.`)
  output.line(`Signed: ${plain(file)} (key ${fingerprint.slice(0, 16)}…)`)
}

function refuse (message: string): never {
  throw new UsageError(message)
}
