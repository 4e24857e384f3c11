// Undoes the compression of a whole answer, within a size. What it gives out is exactly what a browser would read, or nothing.
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'

type Unpack = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

const unpackInflate: Unpack = async (bytes, options) => {
  // "deflate" means zlib (RFC 9110 section 8.4.1.2); some servers send it without the frame, and browsers take both.
  const isFramed = bytes.length >= 2 && ((bytes[0] as number) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
  return await promisify(isFramed ? inflate : inflateRaw)(bytes, options)
}

const unpackers: Readonly<Record<string, Unpack>> = {
  gzip: promisify(gunzip) as Unpack,
  'x-gzip': promisify(gunzip) as Unpack,
  deflate: unpackInflate,
  br: promisify(brotliDecompress) as Unpack,
  zstd: promisify(zstdDecompress) as Unpack,
}

/** More layers than any server packs. */
const mostLayers = 3

/** `coding`: Content-Encoding. `tooLarge` and `unreadable` are the two ways in which it cannot be undone. */
export async function unpack (bytes: Buffer, coding: string, mostBytes: number): Promise<Buffer | 'tooLarge' | 'unreadable'> {
  const names = coding.toLowerCase().split(',').map(name => name.trim()).filter(name => name !== '' && name !== 'identity')
  if (names.length > mostLayers) return 'unreadable'
  let open = bytes
  for (const name of names.reverse()) {
    const step = Object.hasOwn(unpackers, name) ? unpackers[name] : undefined
    if (step === undefined) return 'unreadable'
    try {
      open = await step(open, { maxOutputLength: mostBytes })
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'unreadable'
    }
  }
  return open.length > mostBytes ? 'tooLarge' : open
}
