// Puts the idle script into HTML documents on their way to a browser: a few bytes at one place, everything else byte for byte, compressed or not, in any charset.
import { randomBytes } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { constants, createBrotliCompress, createBrotliDecompress, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { findPlace, type Place } from './find-place.ts'

/** The beginning of a document is somewhere in here, or it is none that anybody would write. */
const mostHeld = 64 * 1024

const nothing = Buffer.alloc(0)

interface Charset { readonly unit: 1 | 2, readonly mark: number, read (bytes: Buffer): string, write (text: string): Buffer }

/** ASCII stands for itself in every charset of the web but UTF-16. */
const ascii = (mark: number): Charset => ({ unit: 1, mark, read: bytes => bytes.toString('latin1'), write: text => Buffer.from(text, 'latin1') })
const little = (mark: number): Charset => ({ unit: 2, mark, read: bytes => bytes.toString('utf16le'), write: text => Buffer.from(text, 'utf16le') })
const big = (mark: number): Charset => ({ unit: 2, mark, read: bytes => swapped(bytes).toString('utf16le'), write: text => swapped(Buffer.from(text, 'utf16le')) })

function swapped (bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length - bytes.length % 2)).swap16()
}

/** `named`: what the answer says; a byte order mark says more. Without one, UTF-16 is what its name says, little end first when that says nothing (WHATWG Encoding). */
function charsetOf (bytes: Buffer, named: string): Charset {
  if (bytes[0] === 0xFF && bytes[1] === 0xFE) return little(2)
  if (bytes[0] === 0xFE && bytes[1] === 0xFF) return big(2)
  if (bytes[0] === 0xEF && bytes[1] === 0xBB && bytes[2] === 0xBF) return ascii(3)
  return named === 'utf-16be' ? big(0) : named === 'utf-16' || named === 'utf-16le' ? little(0) : ascii(0)
}

/** Escapes of ISO-2022-JP: behind one, bytes that look like ASCII are something else. */
export const escape = '\x1b'

export interface Document {
  /** The charset that the answer names, in small letters; empty when it names none. */
  readonly charset: string
  readonly isXml: boolean
}

/** Inserts `element`, ASCII, into the document whose pieces pass. */
export class Inserter {
  readonly #element: string
  readonly #document: Document
  #held: Buffer | undefined = nothing
  /** How many bytes the document becomes longer by, as soon as that is known. */
  growth: number | undefined

  constructor (element: string, document: Document = { charset: '', isXml: false }) {
    this.#element = element
    this.#document = document
  }

  /** What goes on now. */
  push (chunk: Buffer): readonly Buffer[] {
    if (this.#held === undefined) return [chunk]
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    return this.#take(false)
  }

  /** What goes on when nothing more comes. */
  end (): readonly Buffer[] {
    if (this.#held?.length !== 0) return this.#held === undefined ? [] : this.#take(true)
    this.growth = 0
    return []
  }

  #take (isEnd: boolean): readonly Buffer[] {
    const held = this.#held
    if (held === undefined || (held.length < 4 && !isEnd)) return []
    const charset = charsetOf(held, this.#document.charset)
    const { text, place } = this.#look(held, charset, isEnd)
    if (place === 'unknown') return []
    this.#held = undefined
    this.growth = 0
    if (place === 'none' || text.lastIndexOf(escape, place.at) >= 0) return [held]
    const at = charset.mark + place.at * charset.unit
    const element = charset.write(this.#element)
    this.growth = element.length
    return [Buffer.concat([held.subarray(0, at), element]), held.subarray(at)]
  }

  /** Nearly always the place is near the begin: the rest is not even read. */
  #look (held: Buffer, charset: Charset, isEnd: boolean): { readonly text: string, readonly place: Place } {
    for (let length = 2048; ; length *= 32) {
      const read = Math.min(length, mostHeld, held.length)
      const text = charset.read(held.subarray(charset.mark, read))
      const isAll = read === mostHeld || (isEnd && read === held.length)
      const place = findPlace(text, { isAll, isXml: this.#document.isXml })
      if (place !== 'unknown' || read === held.length || isAll) return { text, place }
    }
  }
}

/** The same as a stream. */
export class ScriptInserter extends Transform {
  readonly #inserter: Inserter

  constructor (inserter: Inserter) {
    super()
    this.#inserter = inserter
  }

  override _transform (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    // One piece: each costs a turn of the packer.
    done(null, Buffer.concat(this.#inserter.push(chunk)))
  }

  override _flush (done: TransformCallback): void {
    done(null, Buffer.concat(this.#inserter.end()))
  }
}

const codings = { '': 'identity', identity: 'identity', gzip: 'gzip', 'x-gzip': 'gzip', br: 'br', zstd: 'zstd' } as const
export type Coding = typeof codings[keyof typeof codings]

/** The content coding that a field names; undefined: one that nobody here knows, or several. */
export function readCoding (value: string): Coding | undefined {
  const name = value.trim().toLowerCase()
  return Object.hasOwn(codings, name) ? codings[name as keyof typeof codings] : undefined
}

/** A usual page is one piece: each further one is a turn through another thread. */
const large = { chunkSize: 64 * 1024 }

/**
 * What turns a content coding into the document and back. A piece that came goes on at once. Content that ends too early, or
 * is not there at all, is shown by browsers as far as it goes: `finishFlush`. Packed with little effort and small windows:
 * with the usual ones a page in Brotli cost seven times more.
 */
export function codingSteps (coding: Coding): { readonly open: readonly Transform[], readonly close: readonly Transform[] } {
  switch (coding) {
    case 'identity': return { open: [], close: [] }
    case 'gzip': return {
      open: [createGunzip({ ...large, finishFlush: constants.Z_SYNC_FLUSH })],
      close: [createGzip({ ...large, level: 1, flush: constants.Z_SYNC_FLUSH })],
    }
    case 'br': return {
      open: [createBrotliDecompress({ ...large, finishFlush: constants.BROTLI_OPERATION_FLUSH })],
      close: [createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH, params: { [constants.BROTLI_PARAM_QUALITY]: 2, [constants.BROTLI_PARAM_LGWIN]: 18 } })],
    }
    case 'zstd': return {
      open: [createZstdDecompress({ ...large, finishFlush: constants.ZSTD_e_flush })],
      close: [createZstdCompress({ flush: constants.ZSTD_e_flush, params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 17 } })],
    }
  }
}

export function createNonce (): string {
  return randomBytes(18).toString('base64')
}
