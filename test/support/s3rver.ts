// The S3 server from npm, on a free port, with one bucket. It knows the protocol, but neither object lock nor If-None-Match, and its lists are in one page.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'

export async function startS3rver (t: { teardown (action: () => unknown): void }, bucket: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-s3-'))
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: bucket, configs: [] }] })
  const { port } = await server.run()
  t.teardown(async () => {
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return `http://127.0.0.1:${port}`
}
