// The first bytes of what is packed by DEFLATE (RFC 1951), read where they stand. A document's first tags are a few dozen bytes: unpacking all of it to see them costs ten times
// more, and even the little that holds them costs zlib twice as much.

/** Bits of the code lengths' own code, in their odd order (section 3.2.7). */
const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const
const lengthBase = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258] as const
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0] as const
const distanceBase = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577] as const
const endOfBlock = 256

/** Why reading stopped. */
class Stop {}
const enough = new Stop()
const full = new Stop()
const short = new Stop()
const wrong = new Stop()

/** A canonical Huffman code: how many codes there are of each length, and the symbols in the order of their codes. */
class Code {
  readonly #count = new Uint16Array(16)
  readonly #symbols: Uint16Array

  constructor (most: number) {
    this.#symbols = new Uint16Array(most)
  }

  /** Throws `wrong` when there are more codes than bits can tell apart. */
  set (lengths: Uint8Array, from: number, to: number): void {
    const count = this.#count.fill(0)
    for (let at = from; at < to; at += 1) count[lengths[at] as number] = (count[lengths[at] as number] as number) + 1
    count[0] = 0
    let left = 1
    for (let length = 1; length < 16; length += 1) {
      left = left * 2 - (count[length] as number)
      if (left < 0) throw wrong
      offsets[length] = (offsets[length - 1] as number) + (count[length - 1] as number)
    }
    for (let at = from; at < to; at += 1) {
      const length = lengths[at] as number
      if (length === 0) continue
      const place = offsets[length] as number
      this.#symbols[place] = at - from
      offsets[length] = place + 1
    }
  }

  read (bits: Bits): number {
    let hold = bits.see()
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length < 16; length += 1) {
      code |= hold & 1
      hold >>>= 1
      const count = this.#count[length] as number
      if (code - count < first) {
        bits.drop(length)
        return this.#symbols[index + code - first] as number
      }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw wrong
  }
}

/** Made once: nothing here waits, so that nobody else uses them meanwhile. */
const offsets = new Uint16Array(16)
const lengths = new Uint8Array(320)
const lengthsCode = new Code(19)
const symbolCode = new Code(288)
const distanceCode = new Code(30)

class Bits {
  readonly #bytes: Uint8Array
  #at: number
  #hold = 0
  #count = 0

  constructor (bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** The next 15 bits; behind the end zeros. */
  see (): number {
    while (this.#count < 15 && this.#at < this.#bytes.length) {
      this.#hold |= (this.#bytes[this.#at] as number) << this.#count
      this.#at += 1
      this.#count += 8
    }
    return this.#hold
  }

  drop (wanted: number): void {
    if (wanted > this.#count) throw short
    this.#hold >>>= wanted
    this.#count -= wanted
  }

  /** At most 15. */
  take (wanted: number): number {
    const value = this.see() & ((1 << wanted) - 1)
    this.drop(wanted)
    return value
  }

  /** To the next whole byte. */
  align (): void {
    this.drop(this.#count % 8)
  }
}

function setFixedCodes (): void {
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288).fill(5, 288, 318)
  symbolCode.set(lengths, 0, 288)
  distanceCode.set(lengths, 288, 318)
}

function readCodes (bits: Bits): void {
  const symbols = bits.take(5) + 257
  const distances = bits.take(5) + 1
  const written = bits.take(4) + 4
  if (symbols > 286 || distances > 30) throw wrong
  lengths.fill(0, 0, 19)
  for (let at = 0; at < written; at += 1) lengths[order[at] as number] = bits.take(3)
  lengthsCode.set(lengths, 0, 19)
  for (let at = 0; at < symbols + distances;) {
    const symbol = lengthsCode.read(bits)
    if (symbol < 16) {
      lengths[at] = symbol
      at += 1
      continue
    }
    if (symbol === 16 && at === 0) throw wrong
    const value = symbol === 16 ? lengths[at - 1] as number : 0
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7)
    if (at + times > symbols + distances) throw wrong
    lengths.fill(value, at, at + times)
    at += times
  }
  symbolCode.set(lengths, 0, symbols)
  distanceCode.set(lengths, symbols, symbols + distances)
}

/** `most`: the packed bytes say more than that. `short`: they end here. `whole`: there is no more of it. `wrong`: this is no DEFLATE. */
export type Ending = 'enough' | 'most' | 'short' | 'whole' | 'wrong'

export interface BeginOptions {
  /** Where DEFLATE begins in the packed bytes. */
  readonly from: number
  readonly most: number
  /** Asked now and then with what is read so far, and at last with all. */
  isEnough(read: Buffer, isAll: boolean): boolean
}

/** Reads until there is enough, or as far as it goes. */
export function readBegin (packed: Buffer, { from, most, isEnough }: BeginOptions): Ending {
  const output = new Output(most, read => isEnough(read, false))
  const bits = new Bits(packed, from)
  const stopped = stopOf(() => { readBlocks(bits, output) })
  if (stopped === enough || isEnough(output.taken(), stopped === undefined)) return 'enough'
  return stopped === undefined ? 'whole' : stopped === full ? 'most' : stopped === short ? 'short' : 'wrong'
}

function stopOf (work: () => void): Stop | undefined {
  try {
    work()
    return undefined
  } catch (stopped) {
    if (stopped instanceof Stop) return stopped
    throw stopped
  }
}

function readBlocks (bits: Bits, output: Output): void {
  for (let isLast = false; !isLast;) {
    isLast = bits.take(1) === 1
    const kind = bits.take(2)
    if (kind === 3) throw wrong
    if (kind === 0) copyStored(bits, output)
    else {
      if (kind === 1) setFixedCodes()
      else readCodes(bits)
      readBlock(bits, output)
    }
  }
}

class Output {
  readonly #bytes: Buffer
  readonly #isEnough: (read: Buffer) => boolean
  #length = 0
  #nextLook = 64

  constructor (most: number, isEnough: (read: Buffer) => boolean) {
    this.#bytes = Buffer.allocUnsafe(most)
    this.#isEnough = isEnough
  }

  push (byte: number): void {
    if (this.#length === this.#bytes.length) throw full
    this.#bytes[this.#length] = byte
    this.#length += 1
    if (this.#length < this.#nextLook) return
    if (this.#isEnough(this.taken())) throw enough
    this.#nextLook *= 2
  }

  repeat (distance: number, times: number): void {
    if (distance > this.#length) throw wrong
    for (let count = 0; count < times; count += 1) this.push(this.#bytes[this.#length - distance] as number)
  }

  taken (): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }
}

function copyStored (bits: Bits, output: Output): void {
  bits.align()
  const length = bits.take(8) | bits.take(8) << 8
  if ((length ^ (bits.take(8) | bits.take(8) << 8)) !== 0xFFFF) throw wrong
  for (let count = 0; count < length; count += 1) output.push(bits.take(8))
}

function readBlock (bits: Bits, output: Output): void {
  for (;;) {
    const symbol = symbolCode.read(bits)
    if (symbol === endOfBlock) return
    if (symbol < endOfBlock) output.push(symbol)
    else {
      const at = symbol - 257
      if (at >= lengthBase.length) throw wrong
      const length = (lengthBase[at] as number) + bits.take(lengthExtra[at] as number)
      const far = distanceCode.read(bits)
      if (far >= distanceBase.length) throw wrong
      output.repeat((distanceBase[far] as number) + bits.take(far < 2 ? 0 : (far >> 1) - 1), length)
    }
  }
}
