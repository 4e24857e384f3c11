// Tries a backup: restores one random day of it into an empty place, with the keys of the set alone, proves every record, answers a question about a patient, and signs how it
// went and how long it took.
import { randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  askSources, copyObject, createArchiveSources, createCheckpointSigner, createExportSigner, createQuestionTokenisers, listArchive, openArchiveIndex, proveDay, readCheckpoints,
  readWholeSegment, rebuildIndex, type ArchiveAccess, type ArchiveStore, type BackupSet, type Manifest, type TrailEntry,
} from '../audit/audit.ts'
import { loadConfig, type GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import { makeDirectory } from '../shared/make-directory.ts'
import type { SecretValue } from '../shared/schema.ts'
import { createDeps } from './ask-trail.ts'
import { readBackupKey } from './make-backup.ts'
import { explainStore, openStore } from './open-archive.ts'
import { OperationError } from './operation-error.ts'
import { runInSteps } from './record-operation.ts'
import { openBackupSet, openRestored, writeFiles } from './restore-backup.ts'

export interface DrillResult {
  readonly gateway: string
  readonly set: string
  readonly setMadeAt: string
  readonly day: string
  readonly segments: number
  readonly records: number
  readonly checkpoints: number
  /** Records that the question about one patient of that day found; 0 when the day has none. */
  readonly answers: number
  readonly verdict: 'passed' | 'failed'
  readonly problems: readonly string[]
  /** Milliseconds: until the set was open and its files written, until the day was there, until it was proven, until the question was answered. */
  readonly ms: { readonly open: number, readonly restore: number, readonly prove: number, readonly ask: number, readonly all: number }
  readonly at: string
}

export interface DrillTold extends DrillResult {
  /** Path of the result; its signature has `.sig` after it. */
  readonly file: string
  readonly fingerprint: string
}

/** Throws a ConfigurationError or an OperationError. */
export async function drillRestore ({ configFile, reason }: { readonly configFile: string, readonly reason: string }): Promise<DrillTold> {
  const { config } = await loadConfig(configFile)
  const { backup, exportKey } = config.audit
  if (backup === undefined) throw new OperationError('There is no backup to try: the configuration has no audit.backup (docs/backup.md).')
  const signer = exportKey === undefined ? undefined : createExportSigner(exportKey)
  if (signer === undefined) throw new OperationError('The result of a drill is signed with audit.exportKey, an Ed25519 key in PEM: sallyport keys create makes one (export.key).')
  const key = await readBackupKey(backup.keyFile)
  const deps = createDeps(config)
  const told: { result?: DrillResult, file?: string } = {}
  const run = async () => {
    const result = await drill(await openStore(backup), { key, clock: deps.clock })
    told.result = result
    told.file = await writeResult(config, result, signer)
    const { verdict, day, records, answers, ms } = result
    return { verdict, day, records, answers, ms: ms.all }
  }
  try {
    await runInSteps(config, { name: 'restore-drill', facts: { reason } }, { ...deps, run })
    return { ...told.result as DrillResult, file: told.file as string, fingerprint: signer.fingerprint }
  } catch (error) { throw explainStore(error) }
}

async function drill (store: ArchiveStore, { key, clock }: { readonly key: SecretValue, readonly clock: Clock }): Promise<DrillResult> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-drill-'))
  const startedAt = clock.now()
  try {
    const { name, set } = await openBackupSet(store, { key })
    await writeFiles(set, directory)
    const openedAt = clock.now()
    const { access, auditKey } = openRestored(set, directory)
    const { day, names } = await chooseDay(set, { ...access, store })
    for (const each of names) await copyObject(each, await store.get(each) ?? Buffer.alloc(0), access.store)
    const restoredAt = clock.now()
    const checkpoints = await readGenuine(directory, access)
    const { problems, entries, records, ...proven } = await proveDay(access, { names, checkpoints })
    const provenAt = clock.now()
    const answers = await askAboutOne(entries, { access, auditKey, directory })
    const answeredAt = clock.now()
    const found = answers.isRight ? problems : [...problems, 'the question about a patient of that day did not find what the day holds']
    return {
      gateway: set.gateway,
      set: name,
      setMadeAt: new Date(set.time).toISOString(),
      day,
      segments: names.length,
      records,
      checkpoints: proven.checkpoints,
      answers: answers.found,
      verdict: found.length === 0 ? 'passed' : 'failed',
      problems: found,
      ms: { open: openedAt - startedAt, restore: restoredAt - openedAt, prove: provenAt - restoredAt, ask: answeredAt - provenAt, all: answeredAt - startedAt },
      at: new Date(answeredAt).toISOString(),
    }
  } finally { await rm(directory, { recursive: true, force: true }) }
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

/** How often another segment is drawn when one is about no patient. */
const mostDraws = 20

/** The day of a random segment, best one about a patient, and all segments of its writer that have records of that day. */
async function chooseDay (set: BackupSet, access: ArchiveAccess): Promise<{ readonly day: string, readonly names: readonly string[] }> {
  const belongs = new Set(set.objects)
  const names = (await listArchive(access)).filter(name => belongs.has(name))
  if (names.length === 0) throw new OperationError('The backup has no segment of an archive yet: run sallyport audit archive and sallyport backup first.')
  let at = 0
  let manifest: Manifest | undefined
  for (let draw = 0; draw < mostDraws; draw += 1) {
    at = randomInt(names.length)
    const read = await readWholeSegment(access, names[at] as string)
    manifest = read.manifest
    if (manifest === undefined || read.entries.some(({ event }) => event?.what?.record?.patient !== undefined)) break
  }
  const chosen = names[at] as string
  if (manifest === undefined) return { day: 'unknown', names: [chosen] }
  const day = dayOf(manifest.from)
  const found = [chosen]
  for (const [step, add] of [[-1, (name: string) => found.unshift(name)], [1, (name: string) => found.push(name)]] as const) {
    for (let next = at + step; next >= 0 && next < names.length; next += step) {
      const { manifest: other } = await readWholeSegment(access, names[next] as string)
      if (other === undefined || other.writer !== manifest.writer || dayOf(other.from) > day || dayOf(other.to) < day) break
      add(names[next] as string)
    }
  }
  return { day, names: found }
}

async function readGenuine (directory: string, { gateway, auditKeys }: ArchiveAccess) {
  const found = await readCheckpoints(join(directory, 'data', 'checkpoints'), gateway)
  return found.flatMap(({ checkpoint, isGenuine }) => {
    const seed = auditKeys.of(checkpoint?.epoch ?? 0).checkpointSeed
    return checkpoint !== undefined && isGenuine(createCheckpointSigner(seed, gateway).publicKey) ? [checkpoint] : []
  })
}

interface Asking { readonly access: ArchiveAccess, readonly auditKey: SecretValue, readonly directory: string }

/** Asks about a random patient of the day through an index that is made anew. */
async function askAboutOne (entries: readonly TrailEntry[], { access, auditKey, directory }: Asking): Promise<{ readonly found: number, readonly isRight: boolean }> {
  const index = await openArchiveIndex(join(directory, 'data', 'archive-index'))
  try {
    await rebuildIndex(access, index)
    const patients = entries.flatMap(({ event }) => event?.what?.record?.patient ?? [])
    const patient = patients.length === 0 ? undefined : patients[randomInt(patients.length)]
    if (patient === undefined) return { found: 0, isRight: true }
    const answer = askSources({ patient }, { sources: await createArchiveSources(access, index), tokenisers: createQuestionTokenisers(auditKey, access.gateway) })
    let found = 0
    for await (const { event } of answer.found) if (event.id !== '') found += 1
    return { found, isRight: found >= patients.filter(each => each === patient).length }
  } finally { index.close() }
}

type Signer = NonNullable<ReturnType<typeof createExportSigner>>

async function writeResult ({ gateway }: GatewayConfig, result: DrillResult, signer: Signer): Promise<string> {
  const directory = join(gateway.dataDirectory, 'drills')
  const file = join(directory, `${result.at.replace(/[:.-]/g, '')}.json`)
  const bytes = Buffer.from(`${JSON.stringify({ ...result, publicKey: signer.publicKey, fingerprint: signer.fingerprint }, null, 2)}\n`)
  await makeDirectory(directory)
  await writeFile(file, bytes, { mode: 0o640, flag: 'wx' })
  await writeFile(`${file}.sig`, signer.sign(bytes), { mode: 0o640, flag: 'wx' })
  return file
}
