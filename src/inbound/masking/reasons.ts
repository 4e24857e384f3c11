// Why an answer, or a request, cannot pass where fields are masked. Codes only: no field and no value ever stands in one.
import { defineReasons } from '../../shared/errors.ts'

export const maskingReasons = defineReasons({
  'masking.unreadable': {
    status: 502,
    publicText: 'This page cannot be shown, because the gateway cannot hide what your role may not see in it. Tell your administrator the request number.',
    operatorText: 'An answer about a record with masked fields could not be read: it is not what its type or its compression says, or of a type that there is no reader for. ' +
      'Nothing of it went out. If nothing in such answers has to be hidden, name the route in masking.opaque.',
    citation: '45 CFR 164.502(b)',
  },
  'masking.tooLarge': {
    status: 502,
    publicText: 'This list is too long to be shown. Ask for fewer records at a time.',
    operatorText: 'An answer about a record with masked fields is longer than masking.maxAnswerSize. Nothing of it went out.',
    citation: '45 CFR 164.502(b)',
  },
  'masking.busy': {
    status: 503,
    publicText: 'Too many long lists are being prepared at once. Try again in a minute.',
    operatorText: 'The answers that are held to be masked would need more than 256 MiB together. Nothing of this one went out. Lower masking.maxAnswerSize, or add a gateway.',
  },
  'masking.unexpected': {
    status: 502,
    publicText: 'The application sent only a part of the page. Reload it; if it stays, tell your administrator the request number.',
    operatorText: 'The CRM answered 206 or 304 where fields are masked, although the gateway asked for the whole answer. Nothing of it went out.',
    citation: 'RFC 9110 section 15.3.7',
  },
  'masking.errorHidden': {
    status: 502,
    publicText: 'The application refused this or could not do it. Its words are not shown, because they can contain what your role may not see.',
    operatorText: 'An error answer of the CRM about a record with masked fields was replaced; the person saw its status and this text. With masking.errors: mask it goes out masked.',
    citation: '45 CFR 164.502(b)',
  },
  'masking.condition': {
    status: 412,
    publicText: 'This change cannot be made on a condition. Reload the record and try again.',
    operatorText: 'A request about a record with masked fields had If-Match with an entity tag. The tag of the whole record says something about hidden fields, so no such request reaches the CRM.',
    citation: 'RFC 9110 section 13.1.1',
  },
  'masking.liveConnection': {
    status: 403,
    publicText: 'Your role may not open a live connection to this record, because its messages cannot be masked.',
    operatorText: 'A WebSocket to a record with masked fields. Name the route in masking.opaque if nothing is said over it that the role may not see.',
    citation: '45 CFR 164.502(b)',
  },
})
