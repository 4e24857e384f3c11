// Puts the script into a document in gzip without packing anything anew. What goes out is the document's begin, the script, and then all that the CRM packed, bit for bit:
// the begin comes twice, and a second doctype, `html` and `head` mean nothing to a browser (WHATWG HTML section 13.2.6.4.4). A document for which that is not so is packed anew.
import { crc32 } from 'node:zlib'
import { readBegin } from './begin-of-deflate.ts'
import { findPlace, type Place } from './find-place.ts'
import { escape, type Document } from './insert-script.ts'
import { joinChecksums } from './join-checksums.ts'

/** Of the document; whose first tags are not in here may come with comments, and is packed anew. */
const mostRead = 2048
/** Of the packed document: more than so much that could be packed in. */
const mostHeld = 8192

/** CRC-32 and length, at the end of it all (RFC 1952 section 2.3.1). */
const trailerLength = 8
const nothing = Buffer.alloc(0)

const flag = { headerChecksum: 2, extra: 4, name: 8, comment: 16 } as const

/** Where the content begins; -1: it is not there yet; undefined: this is no gzip that anybody wrote. */
function endOfHeader (bytes: Buffer): number | undefined {
  if (bytes.length < 10) return -1
  const flags = bytes[3] as number
  if (bytes[0] !== 0x1F || bytes[1] !== 0x8B || bytes[2] !== 8 || flags > 31) return undefined
  let at = 10
  if ((flags & flag.extra) !== 0) at = bytes.length < at + 2 ? bytes.length + 1 : at + 2 + bytes.readUInt16LE(at)
  for (const text of [flag.name, flag.comment]) {
    if ((flags & text) === 0 || at > bytes.length) continue
    const end = bytes.indexOf(0, at)
    at = end < 0 ? bytes.length + 1 : end + 1
  }
  if ((flags & flag.headerChecksum) !== 0) at += 2
  return at > bytes.length ? -1 : at
}

/** No part of a document that goes on: what ends at a flush ends so, and a page that is written step by step is seen step by step. */
const isFlushed = (bytes: Buffer) => bytes.length >= 4 && bytes.readUInt32BE(bytes.length - 4) === 0x0000FFFF

/** Inserts an element, ASCII, into the packed document whose pieces pass. */
export class GzipSplicer {
  readonly #element: (blanks: number) => string
  readonly #document: Document
  #state: 'looking' | 'splicing' | 'passing' = 'looking'
  #held: Buffer = nothing
  #passed = 0
  #added: Buffer = nothing
  /** How many bytes the packed document becomes longer by, as soon as that is known. */
  growth: number | undefined

  /** `element` is told how many blanks of the head are the begin's that came again. */
  constructor (element: (blanks: number) => string, document: Document) {
    this.#element = element
    this.#document = document
  }

  /** What came and did not go on. */
  get held (): Buffer {
    return this.#held
  }

  /** What goes on now; undefined: it has to be packed anew. */
  push (chunk: Buffer): readonly Buffer[] | undefined {
    if (this.#state === 'passing') return [chunk]
    if (this.#state === 'splicing') return this.#pass(chunk)
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const from = endOfHeader(this.#held)
    if (from === undefined) return undefined
    return from < 0 ? this.#wait() : this.#look(from)
  }

  /** What goes on when nothing more comes. */
  end (): readonly Buffer[] | undefined {
    if (this.#state === 'looking' && this.#held.length > 0) return undefined
    this.growth ??= 0
    return this.#state === 'splicing' ? [this.#finish()] : []
  }

  #wait (): readonly Buffer[] | undefined {
    return this.#held.length > mostHeld ? undefined : []
  }

  #look (from: number): readonly Buffer[] | undefined {
    const { isXml, charset } = this.#document
    if (isXml || charset.startsWith('utf-16')) return undefined
    let place: Place = 'unknown'
    let begin = ''
    const ending = readBegin(this.#held, {
      from,
      most: mostRead,
      isEnough (read, isAll) {
        if (read.length < 4 && !isAll) return false
        begin = read.toString('latin1')
        place = findPlace(begin, { isAll })
        return place !== 'unknown'
      },
    })
    if (ending === 'short') return this.#wait()
    if (ending !== 'enough') return undefined
    return this.#decide(from, begin, place)
  }

  #decide (from: number, begin: string, place: Place): readonly Buffer[] | undefined {
    // A byte order mark is no text at the begin and one behind it.
    if (/^(?:\xEF\xBB\xBF|\xFE\xFF|\xFF\xFE)/.test(begin)) return undefined
    if (place === 'none' || place === 'unknown' || begin.lastIndexOf(escape, place.at) >= 0) {
      const held = this.#held
      this.#state = 'passing'
      this.growth = 0
      this.#held = nothing
      return [held]
    }
    if (place.blanks === undefined) return undefined
    return this.#splice(from, Buffer.from(begin.slice(0, place.at) + this.#element(place.blanks), 'latin1'))
  }

  #splice (from: number, added: Buffer): readonly Buffer[] {
    const held = this.#held
    this.#state = 'splicing'
    this.#added = added
    this.#held = nothing
    // The CRM's header without a name or a checksum of its own. Then a block that is stored as it is (RFC 1951 section 3.2.4): what follows it begins with a whole byte.
    const head = Buffer.alloc(15)
    this.growth = head.length + added.length - from
    held.copy(head, 0, 0, 10)
    head[3] = 0
    head.writeUInt16LE(added.length, 11)
    head.writeUInt16LE(added.length ^ 0xFFFF, 13)
    return [Buffer.concat([head, added, ...this.#pass(held.subarray(from))])]
  }

  /** All but what may be the end. */
  #pass (chunk: Buffer): readonly Buffer[] {
    const all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const length = isFlushed(all) ? all.length : Math.max(0, all.length - trailerLength)
    this.#held = all.subarray(length)
    this.#passed += length
    return length === 0 ? [] : [all.subarray(0, length)]
  }

  #finish (): Buffer {
    const held = this.#held
    this.#held = nothing
    if (held.length < trailerLength) return held
    const length = held.readUInt32LE(4)
    // A packed byte stands for 1032 at most. What says more of itself is no end, but that of a document that the CRM broke off: it is shown as far as it goes.
    if (length > (this.#passed + 1) * 1032) return held
    const trailer = Buffer.allocUnsafe(trailerLength)
    trailer.writeUInt32LE(joinChecksums(crc32(this.#added), held.readUInt32LE(0), length), 0)
    trailer.writeUInt32LE((length + this.#added.length) % 2 ** 32, 4)
    return trailer
  }
}
