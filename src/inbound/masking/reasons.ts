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
  'masking.search': {
    status: 403,
    publicText: 'Your role may not search or sort by a field that it does not see. Search by another field.',
    operatorText: 'A query, a filter, a sort order or a search text about a record looks at a field that is masked for the person: the hits would say what is in it. ' +
      'masking.searches says where searches look and where a request only names columns.',
    citation: '45 CFR 164.502(b)',
  },
  'masking.write': {
    status: 403,
    publicText: 'Your role may not change a field that it does not see. Leave it out and try again.',
    operatorText: 'A change of a record named a field that is masked for the person, and would have overwritten the real value with what they were shown. With masking.writes: remove the field is taken out instead.',
    citation: '45 CFR 164.312(c)(1)',
  },
  'masking.contentUnreadable': {
    status: 415,
    publicText: 'What was sent cannot be read, and your role does not see all of this record. Reload the page and try again; if it stays, tell your administrator the request number.',
    operatorText: 'A request with content about a record with masked fields is neither JSON nor a form in UTF-8, is compressed, or names a stored GraphQL document. It could search or change what is masked.',
    citation: '45 CFR 164.312(c)(1)',
  },
  'masking.liveConnection': {
    status: 403,
    publicText: 'Your role may not open a live connection to this record, because its messages cannot be masked.',
    operatorText: 'A WebSocket to a record with masked fields. Name the route in masking.opaque if nothing is said over it that the role may not see.',
    citation: '45 CFR 164.502(b)',
  },
})
