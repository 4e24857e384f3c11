// Why the trail refuses.
import { defineReasons } from '../shared/errors.ts'

export const reasons = defineReasons({
  'audit.unavailable': {
    status: 503,
    publicText: 'This service cannot keep its access record at the moment, so nobody is let in. Try again in a minute.',
    operatorText: 'The audit trail could not make a record durable within audit.deadline. The readiness answer and the log line audit.gateClosed say why: disk full or failing, spool over its limit, or Redis not answering where audit.durability needs it.',
    citation: '45 CFR 164.312(b)',
  },
})
