// A trail of six years in small, through the real writer, archiver, index, questions and verification: 72 months, a new epoch each, the clock moved.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  archiveSpool, askSources, createArchiveSources, createDirectoryStore, createExportSigner, createQuestionTokenisers, deriveArchiveKeys, deriveAuditKeys, openArchiveIndex,
  readArchive, readArchiveBeginnings, readCheckpoints, verifyTrail, writeExport, type ArchiveAccess, type ArchiveIndex,
} from '../../src/audit/audit.ts'
import { createSystemClock, type Clock } from '../../src/shared/clock.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { createExchange, patients } from './events.ts'
import { median, quantile, type Figure } from './figures.ts'
import { gateway, key, openTrail } from './place.ts'

export interface YearsOptions {
  readonly directory: string
  /** Exchanges a month; each is two records. */
  readonly exchanges: number
  readonly questions: number
  readonly say: (text: string) => void
}

const months = 72
const targetSeconds = 2
const targetBytes = 90

interface Archive extends ArchiveAccess { readonly index: ArchiveIndex }

export async function measureYears ({ directory, exchanges, questions, say }: YearsOptions): Promise<readonly Figure[]> {
  const written = await writeYears(directory, exchanges)
  say(`wrote ${written.toLocaleString('en')} records of six years`)
  const auditKeys = deriveAuditKeys(key, gateway)
  const index = await openArchiveIndex(join(directory, 'index'))
  const archive: Archive = { store: createDirectoryStore(join(directory, 'archive')), gateway, keys: deriveArchiveKeys(randomBytes(32).toString('base64')), auditKeys, index }
  try {
    let [records, bytes] = [0, 0]
    const beganAt = performance.now()
    await archiveSpool({ ...archive, directory: join(directory, 'audit'), auditKey: key, segmentRecords: 5000, onSegment (segment) { records += segment.records; bytes += segment.bytes } })
    const archiveSeconds = (performance.now() - beganAt) / 1000
    say('archived')
    const scale = `${records.toLocaleString('en')} records, ${patients.toLocaleString('en')} patients`
    return [
      { name: 'a record in the archive', value: bytes / records, unit: 'bytes', target: { atMost: targetBytes }, note: scale },
      { name: 'archived, each segment read back', value: records / archiveSeconds, unit: 'records a second' },
      ...await measureQuestions(archive, questions),
      ...await measureVerification(archive, directory),
      ...await measureExports(archive, directory),
    ]
  } finally { index.close() }
}

async function writeYears (directory: string, exchanges: number): Promise<number> {
  const system = createSystemClock()
  const begin = Date.UTC(2020, 10, 1)
  let records = 0
  for (let month = 0; month < months; month += 1) {
    const from = Date.UTC(2020, 10 + month, 1)
    const step = (Date.UTC(2020, 11 + month, 1) - from) / exchanges
    let now = Math.max(begin, from)
    const clock: Clock = { ...system, now: () => now }
    const trail = await openTrail(directory, { clock })
    for (let n = 0; n < exchanges; n += 64) {
      now = Math.round(from + n * step)
      await Promise.all(Array.from({ length: Math.min(64, exchanges - n) }, async (_, lane) => {
        const { admitted, completed } = createExchange(Math.round(now + lane * step))
        await trail.record(admitted)
        trail.note(completed)
        records += 2
      }))
    }
    await trail.close()
  }
  return records
}

async function measureQuestions (archive: Archive, questions: number): Promise<readonly Figure[]> {
  const seconds: number[] = []
  let found = 0
  for (let n = 0; n < questions; n += 1) {
    const startedAt = performance.now()
    const sources = await createArchiveSources(archive, archive.index)
    const answer = askSources({ patient: String(Math.floor(Math.random() * patients)) }, { sources, tokenisers: createQuestionTokenisers(key, gateway) })
    for await (const { event } of answer.found) if (event.kind === 'request.admitted') found += 1
    seconds.push((performance.now() - startedAt) / 1000)
  }
  return [
    { name: '"who saw patient P" over six years, median', value: median(seconds), unit: 's', target: { atMost: targetSeconds }, note: `${(found / questions).toFixed(0)} accesses found each, ${questions} patients` },
    { name: '"who saw patient P" over six years, slowest', value: quantile(seconds, 1), unit: 's', target: { atMost: targetSeconds } },
  ]
}

async function measureVerification (archive: Archive, directory: string): Promise<readonly Figure[]> {
  const startedAt = performance.now()
  const checkpoints = await readCheckpoints(join(directory, 'checkpoints'), gateway)
  const source = { name: 'the archive', isFollower: true, read: (hooks: object) => readArchive(archive, hooks), beginnings: () => readArchiveBeginnings(archive) }
  const report = await verifyTrail({ sources: [source], checkpoints, gateway, keys: archive.auditKeys, now: Date.now(), staleAfterMs: 60_000 })
  const seconds = (performance.now() - startedAt) / 1000
  if (report.verdict !== 'intact') throw new Error(`the trail of the bench is ${report.verdict}: ${report.findings[0]?.detail}`)
  return [
    { name: 'full verification of the archive', value: seconds, unit: 's', note: `${report.records.toLocaleString('en')} records, ${checkpoints.length} checkpoints` },
    { name: 'full verification of the archive', value: report.records / seconds, unit: 'records a second' },
  ]
}

/** One month of the six years, so that an export of any length can be reckoned. */
async function measureExports (archive: Archive, directory: string): Promise<readonly Figure[]> {
  const signer = createExportSigner(new SecretValue(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()))
  if (signer === undefined) throw new Error('the key of the bench signs nothing')
  const figures: Figure[] = []
  const [from, to] = [Date.UTC(2024, 0, 1), Date.UTC(2024, 1, 1)]
  for (const format of ['csv', 'fhir'] as const) {
    const target = join(directory, `export-${format}`)
    const startedAt = performance.now()
    const answer = askSources({ from, to }, { sources: await createArchiveSources(archive, archive.index), tokenisers: createQuestionTokenisers(key, gateway) })
    const context = { gateway, version: '0.0.0', host: 'crm.example', time: Date.now(), from, to, by: 'bench', reason: 'bench', filters: {} }
    const { files, summary } = await writeExport(answer, { directory: target, formats: [format], context, signer, missing: [] })
    const seconds = (performance.now() - startedAt) / 1000
    figures.push({ name: `export of one month, ${format}`, value: summary.found / seconds, unit: 'records a second', note: `${((files[0]?.bytes ?? 0) / 1024 ** 2).toFixed(0)} MiB` })
    await rm(target, { recursive: true, force: true })
  }
  return figures
}
