// What is answered to the CRM for what was thrown, and what the log says of it.
import { Denial, Failure } from '../shared/errors.ts'
import type { Logger } from '../shared/log.ts'
import { problem, type OutboundAnswer } from './answer.ts'
import { outboundReasons } from './reasons.ts'

export function explainRefusal (error: unknown, id: string, log: Logger): OutboundAnswer {
  if (error instanceof Denial || error instanceof Failure) {
    log[error instanceof Failure ? 'warn' : 'info']('message.refused', { id, code: error.code })
    return problem(error.code, error.reason, { id, retryAfterSeconds: error.retryAfterSeconds })
  }
  log.bug('message.bug', error, { id })
  return problem('outbound.bug', outboundReasons.table['outbound.bug'], { id })
}
