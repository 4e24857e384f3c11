// What the CRM gets to read: a receipt, or a problem (RFC 9457). Never a word of what it sent.
import type { Reason } from '../shared/errors.ts'

export interface OutboundAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export function receipt (status: number, id: string, state: 'queued' | 'held' | 'repeated'): OutboundAnswer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', 'sallyport-message-id': id }
  return { status, headers, body: Buffer.from(`${JSON.stringify({ id, state })}\n`) }
}

interface ProblemOptions { readonly id: string, readonly retryAfterSeconds?: number | undefined }

export function problem (code: string, { status, publicText }: Reason, { id, retryAfterSeconds }: ProblemOptions): OutboundAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: Buffer.from(`${JSON.stringify({ type: 'about:blank', title: publicText, status, code, id })}\n`),
  }
}
