// Puts the idle script into HTML documents on their way to a browser: a few bytes at one place, everything else byte for byte, compressed or not, in any charset.
import { randomBytes } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { constants, createBrotliCompress, createBrotliDecompress, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { findPlace } from './find-place.ts'

/** The beginning of a document is somewhere in here, or it is none that anybody would write. */
const mostHeld = 64 * 1024

interface Charset { readonly unit: 1 | 2, readonly mark: number, read (bytes: Buffer): string, write (text: string): Buffer }

/** ASCII stands for itself in every charset of the web but UTF-16, which has to begin with its mark. */
const ascii = (mark: number): Charset => ({ unit: 1, mark, read: bytes => bytes.toString('latin1'), write: text => Buffer.from(text, 'latin1') })
const little: Charset = { unit: 2, mark: 2, read: bytes => bytes.toString('utf16le'), write: text => Buffer.from(text, 'utf16le') }
const big: Charset = { unit: 2, mark: 2, read: bytes => swapped(bytes).toString('utf16le'), write: text => swapped(Buffer.from(text, 'utf16le')) }

function swapped (bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length - bytes.length % 2)).swap16()
}

function charsetOf (bytes: Buffer): Charset {
  if (bytes[0] === 0xFF && bytes[1] === 0xFE) return little
  if (bytes[0] === 0xFE && bytes[1] === 0xFF) return big
  return ascii(bytes[0] === 0xEF && bytes[1] === 0xBB && bytes[2] === 0xBF ? 3 : 0)
}

/** Inserts `element`, ASCII, into the document that passes. */
export class ScriptInserter extends Transform {
  readonly #element: string
  #held: Buffer | undefined = Buffer.alloc(0)

  constructor (element: string) {
    super()
    this.#element = element
  }

  override _transform (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#held === undefined) { done(null, chunk); return }
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#tryToInsert(false)
    done()
  }

  override _flush (done: TransformCallback): void {
    this.#tryToInsert(true)
    done()
  }

  #tryToInsert (isAll: boolean): void {
    const held = this.#held
    if (held === undefined || (held.length < 4 && !isAll)) return
    const charset = charsetOf(held)
    const place = findPlace(charset.read(held.subarray(charset.mark)), isAll || held.length >= mostHeld)
    if (place === 'unknown') return
    this.#held = undefined
    if (place === 'none') { this.push(held); return }
    const at = charset.mark + place.at * charset.unit
    this.push(held.subarray(0, at))
    this.push(charset.write(this.#element))
    this.push(held.subarray(at))
  }
}

/** What turns a content coding into the document and back; undefined when it is one that nobody here knows. A piece that came goes on at once. */
export function codingSteps (coding: string): { readonly open: readonly Transform[], readonly close: readonly Transform[] } | undefined {
  switch (coding.trim().toLowerCase()) {
    case '': case 'identity': return { open: [], close: [] }
    case 'gzip': case 'x-gzip': return { open: [createGunzip()], close: [createGzip({ level: 4, flush: constants.Z_SYNC_FLUSH })] }
    case 'br': return {
      open: [createBrotliDecompress()],
      close: [createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH, params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
    }
    case 'zstd': return { open: [createZstdDecompress()], close: [createZstdCompress({ flush: constants.ZSTD_e_flush })] }
    default: return undefined
  }
}

export function createNonce (): string {
  return randomBytes(18).toString('base64')
}
