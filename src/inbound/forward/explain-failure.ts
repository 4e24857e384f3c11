// Says in our own codes what a transport error of the CRM's connection was. It keeps the error's code and drops its text and fields,
// which can quote addresses and whole answers.
import { Failure } from '../../shared/errors.ts'
import { reasons } from './reasons.ts'

/** How far the exchange had come when the error struck. */
export type Stage = 'connecting' | 'waiting' | 'answering'

const certificateCodes = /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|CRL_|HOSTNAME_MISMATCH$|INVALID_|PATH_LENGTH_|ERROR_IN_CERT)/
const timeoutCodes: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])
const unsendableCodes: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'ERR_INVALID_CHAR', 'ERR_UNESCAPED_CHARACTERS', 'ERR_INVALID_HTTP_TOKEN', 'ERR_HTTP_INVALID_HEADER_VALUE',
])

function codeOf (error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code) ? code : 'UNKNOWN'
}

/** A Failure of source upstream (or client, when its request cannot be written). A Failure stays what it is. */
export function explainFailure (error: unknown, stage: Stage): Failure {
  if (error instanceof Failure) return error
  const code = codeOf(error)
  const options = { cause: new Error(code) }
  if (stage === 'answering') return reasons.fail('forward.answerCut', 'upstream', options)
  if (unsendableCodes.has(code)) return reasons.fail('forward.cannotSend', 'client', options)
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return reasons.fail('forward.answerTimeout', 'upstream', options)
  if (stage === 'waiting') return reasons.fail('forward.badAnswer', 'upstream', options)
  if (certificateCodes.test(code)) return reasons.fail('forward.tlsRefused', 'upstream', options)
  return reasons.fail(timeoutCodes.has(code) ? 'forward.connectTimeout' : 'forward.unreachable', 'upstream', options)
}
