// Bodies of any size, for measuring: a download that is generated and an upload that is counted and thrown away. Nothing here is about anybody.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'

const blockBytes = 64 * 1024
const block = Buffer.alloc(blockBytes)
for (let index = 0, state = 1; index < blockBytes; index += 1) {
  state = (state * 48_271) % 0x7FFF_FFFF
  block[index] = state & 0xFF
}

const units: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** `4096`, `10MiB`, `1GiB` in bytes, or undefined. */
function parseSize (text: string): number | undefined {
  const match = /^(\d{1,12})(KiB|MiB|GiB|)$/.exec(text)
  return match === null ? undefined : Number(match[1]) * (units[match[2] ?? ''] ?? 1)
}

/** The same bytes for the same size, in blocks. */
function * generate (size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= blockBytes) yield left >= blockBytes ? block : block.subarray(0, left)
}

/** SHA-256 in hex of what `/api/files/<size>` sends. */
export function digestOfFile (size: number): string {
  const hash = createHash('sha256')
  for (const piece of generate(size)) hash.update(piece)
  return hash.digest('hex')
}

export async function registerFileRoutes (app: FastifyInstance): Promise<void> {
  await app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => { done(null, payload) })

    scope.get<{ Params: { size: string } }>('/api/files/:size', async (request, reply) => {
      const size = parseSize(request.params.size)
      if (size === undefined) return reply.code(400).send({ error: 'a size is a number of bytes, or for instance 10MiB' })
      return reply.type('application/octet-stream').header('content-length', size).header('content-disposition', 'attachment; filename="generated.bin"').send(Readable.from(generate(size), { objectMode: false }))
    })

    scope.route({
      method: ['POST', 'PUT'],
      url: '/api/files',
      handler: async request => {
        const hash = createHash('sha256')
        let bytes = 0
        if (request.body !== undefined) {
          for await (const piece of request.body as Readable) { bytes += (piece as Buffer).length; hash.update(piece as Buffer) }
        }
        return { bytes, sha256: hash.digest('hex') }
      },
    })
  })
}
