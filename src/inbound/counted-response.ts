// Answers that know how many bytes of content were handed to their connection. A class of the server's own, because two functions made anew for every
// answer give each answer a shape of its own.
import { Http2ServerResponse } from 'node:http2'
import { ServerResponse } from '../shared/node-http.ts'
import { countPassed } from '../shared/young-memory.ts'

function lengthOf (chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding as BufferEncoding : 'utf8')
  if (!(chunk instanceof Uint8Array)) return 0
  countPassed(chunk.byteLength)
  return chunk.byteLength
}

type Rest = [chunk: never, encoding: never, done: never]

export class CountedResponse extends ServerResponse {
  contentBytes = 0

  override write (...rest: unknown[]): boolean {
    this.contentBytes += lengthOf(rest[0], rest[1])
    return super.write(...rest as Rest)
  }

  override end (...rest: unknown[]): this {
    this.contentBytes += lengthOf(rest[0], rest[1])
    return super.end(...rest as Rest)
  }
}

/** Its `end` hands the last content to its own `write`. */
export class CountedHttp2Response extends Http2ServerResponse {
  contentBytes = 0

  override write (...rest: unknown[]): boolean {
    this.contentBytes += lengthOf(rest[0], rest[1])
    return super.write(...rest as Rest)
  }
}
