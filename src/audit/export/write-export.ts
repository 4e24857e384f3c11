// Writes an export into a new directory: one pass over the answer for all formats, then the manifest with its signature. A directory that holds something is
// never touched, and what could not be finished is taken away again.
import { createHash, hash } from 'node:crypto'
import { open, readdir, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer, Summary } from '../questions/answer.ts'
import { createCef } from './cef.ts'
import { createCsv } from './csv.ts'
import { createFhir } from './fhir.ts'
import type { ExportContext, ExportFormat, ExportFormatName } from './format.ts'
import { howToName, manifestName, publicKeyName, signatureName, writeHowTo } from './how-to-verify.ts'
import { createHtmlSummary } from './html-summary.ts'
import { createJsonLines } from './json-lines.ts'
import { createOcsf } from './ocsf.ts'
import type { ExportSigner } from './signature.ts'
import { makeDirectory } from '../../shared/make-directory.ts'

const formats: Readonly<Record<ExportFormatName, (context: ExportContext) => ExportFormat>> = {
  csv: createCsv, jsonl: createJsonLines, fhir: createFhir, ocsf: createOcsf, cef: createCef, html: createHtmlSummary,
}

export interface Exported {
  readonly files: ReadonlyArray<{ readonly name: string, readonly bytes: number, readonly sha256: string }>
  /** SHA-256 of the manifest, in hex. */
  readonly manifestDigest: string
  readonly summary: Summary
}

/** The directory holds something already. */
export class ExportDirectoryError extends Error {
  override readonly name = 'ExportDirectoryError'
}

export async function writeExport (answer: Answer, options: {
  readonly directory: string, readonly formats: readonly ExportFormatName[], readonly context: ExportContext, readonly signer: ExportSigner, readonly missing: readonly string[],
}): Promise<Exported> {
  const { directory, context, signer } = options
  await makeDirectory(directory)
  if ((await readdir(directory)).length > 0) throw new ExportDirectoryError(directory)
  const sinks: FileSink[] = []
  try {
    for (const name of new Set(options.formats)) sinks.push(await FileSink.create(directory, formats[name](context)))
    for await (const found of answer.found) for (const sink of sinks) await sink.write(sink.format.add(found))
    const summary = answer.summary()
    for (const sink of sinks) await sink.write(sink.format.end(summary))
    const files = []
    for (const sink of sinks) files.push(await sink.finish())
    const manifest = Buffer.from(`${JSON.stringify(describeExport({ files, summary, ...options }), undefined, 2)}\n`)
    const save = (name: string, data: string | Buffer) => writeFile(join(directory, name), data, { flag: 'wx', mode: 0o600, flush: true })
    await save(publicKeyName, signer.publicKey)
    await save(howToName, writeHowTo({ fingerprint: signer.fingerprint, files }))
    await save(signatureName, signer.sign(manifest))
    await save(manifestName, manifest) // last: without it there is no export
    return { files, manifestDigest: hash('sha256', manifest, 'hex'), summary }
  } catch (error) {
    for (const sink of sinks) await sink.close()
    for (const name of [...sinks.map(sink => sink.format.file), publicKeyName, howToName, signatureName, manifestName]) await rm(join(directory, name), { force: true })
    throw error
  }
}

function describeExport (options: { readonly files: Exported['files'], readonly summary: Summary, readonly context: ExportContext, readonly signer: ExportSigner, readonly missing: readonly string[] }) {
  const { files, summary, context, signer, missing } = options
  return {
    form: 'sallyport export 1',
    gateway: context.gateway,
    version: context.version,
    made: new Date(context.time).toISOString(),
    by: context.by,
    reason: context.reason,
    from: context.from === undefined ? null : new Date(context.from).toISOString(),
    to: new Date(context.to).toISOString(),
    filters: context.filters,
    records: summary.found,
    read: summary.read,
    damaged: summary.damaged,
    damage: summary.damage,
    shredded: summary.shredded,
    notAsked: missing,
    heads: summary.heads,
    files,
    key: { algorithm: 'Ed25519', fingerprint: signer.fingerprint },
  }
}

const bufferChars = 256 * 1024

class FileSink {
  readonly format: ExportFormat
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  #waiting = ''
  #bytes = 0

  private constructor (handle: FileHandle, format: ExportFormat) {
    this.#handle = handle
    this.format = format
  }

  static async create (directory: string, format: ExportFormat): Promise<FileSink> {
    const sink = new FileSink(await open(join(directory, format.file), 'wx', 0o600), format)
    await sink.write(format.begin())
    return sink
  }

  async write (text: string): Promise<void> {
    this.#waiting += text
    if (this.#waiting.length > bufferChars) await this.#flush()
  }

  async finish (): Promise<Exported['files'][number]> {
    await this.#flush()
    await this.#handle.sync()
    await this.close()
    return { name: this.format.file, bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  async close (): Promise<void> {
    await this.#handle.close().catch(() => undefined)
  }

  async #flush (): Promise<void> {
    const bytes = Buffer.from(this.#waiting)
    this.#waiting = ''
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    await this.#handle.writeFile(bytes)
  }
}
