// Why somebody is told to wait.
import { defineReasons } from '../../shared/errors.ts'

export const rateReasons = defineReasons({
  'rate.address': {
    status: 429,
    publicText: 'Too many requests came from your network within a minute. Wait a moment and try again.',
    operatorText: 'One client address is over listeners.public.rates.address. The trail has the address; alike refusals within a second are one record with a count.',
    citation: 'RFC 6585 section 4',
  },
  'rate.person': {
    status: 429,
    publicText: 'You, or a program in your name, made too many requests within a minute. Wait a moment and try again.',
    operatorText: 'One person is over listeners.public.rates.person: a script, a bulk download, or a page that asks without pause. The trail says who.',
    citation: 'RFC 6585 section 4',
  },
})
