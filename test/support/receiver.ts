// A vendor's https receiver of webhooks: keeps what came, answers as it is told, and checks signatures by the text of Standard Webhooks.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { TestAuthority } from './certificates.ts'

export interface Received {
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Receiver {
  readonly port: number
  readonly url: string
  readonly seen: Received[]
  /** How the next ones are answered. */
  answer: (received: Received) => { readonly status: number, readonly headers?: Readonly<Record<string, string>>, readonly body?: string } | Promise<{ readonly status: number }>
  close (): Promise<void>
}

export const signingKey = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** Whether the signature is that of these bytes under the key. */
export function isSigned ({ headers, body }: Received, key = signingKey): boolean {
  const secret = Buffer.from(key.replace('whsec_', ''), 'base64')
  const expected = createHmac('sha256', secret).update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`).digest('base64')
  return headers['webhook-signature'] === `v1,${expected}`
}

export async function startReceiver (t: Test, authority: TestAuthority, { names = ['hooks.vendor.test', 'localhost'], addresses = ['127.0.0.1'] } = {}): Promise<Receiver> {
  const leaf = await authority.issue({ names, addresses } as Parameters<TestAuthority['issue']>[0])
  const receiver = { seen: [] as Received[], answer: (() => ({ status: 200, body: 'ok' })) as Receiver['answer'] }
  const server = createServer({ cert: leaf.certPem, key: leaf.keyPem }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const received = { url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
      receiver.seen.push(received)
      void Promise.resolve(receiver.answer(received)).then((answer: { readonly status: number, readonly headers?: Readonly<Record<string, string>>, readonly body?: string }) => {
        response.writeHead(answer.status, answer.headers).end(answer.body ?? '')
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => { server.closeAllConnections(); server.close(); await once(server, 'close') }
  t.teardown(async () => { if (server.listening) await close() })
  return Object.assign(receiver, { port, url: `https://127.0.0.1:${port}/in`, close })
}
