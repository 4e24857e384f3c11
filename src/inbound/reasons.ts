// Refusals of the inbound listener itself; the rooms have their own tables.
import { defineReasons } from '../shared/errors.ts'

export const inboundReasons = defineReasons({
  'inbound.bug': {
    status: 500,
    publicText: 'Something went wrong here. Try again; if it stays, tell your administrator the request number.',
    operatorText: 'A bug of the gateway; the log has the places in the code under this request number. Nothing was let through.',
  },
  'inbound.clientGone': {
    status: 499,
    publicText: 'The connection ended before the answer was whole.',
    operatorText: 'In the trail only: the client closed the connection before it had the whole answer, so the exchange is abandoned.',
  },
  'inbound.ownPath': {
    status: 404,
    publicText: 'There is no such page.',
    operatorText: 'A path under /_sallyport that is not one of the gateway\'s own, or an unusual spelling of one. It never goes to the CRM.',
  },
  'inbound.badRequest': {
    status: 400,
    publicText: 'The request could not be read. Reload the page; if it stays, tell your administrator the request number.',
    operatorText: 'The HTTP parser refused the request before any rule saw it (framing, header syntax, both Content-Length and Transfer-Encoding).',
    citation: 'RFC 9112 section 2.2',
  },
  'inbound.pipelined': {
    status: 400,
    publicText: 'The connection was used for two things at once. Reload the page.',
    operatorText: 'An upgrade to WebSocket, or bytes that are no request, behind a request that had no answer yet. The connection was closed.',
    citation: 'RFC 9110 section 7.8',
  },
  'inbound.contentType': {
    status: 415,
    publicText: 'What was sent does not say properly what it is. Reload the page and try again.',
    operatorText: 'The Content-Type of a request is malformed.',
    citation: 'RFC 9110 section 8.3',
  },
  'inbound.timeout': {
    status: 408,
    publicText: 'The request took too long to arrive. Check the connection and try again.',
    operatorText: 'The request headers were not complete within listeners.public.limits.headersTimeout.',
    citation: 'RFC 9110 section 15.5.9',
  },
  'inbound.headersTooLarge': {
    status: 431,
    publicText: 'The browser sent too much in the request\'s header. Delete the cookies of this site and try again.',
    operatorText: 'The request headers are over listeners.public.limits.maxHeaderSize.',
    citation: 'RFC 6585 section 5',
  },
  'inbound.methodNotAllowed': {
    status: 405,
    publicText: 'This page does not work that way. Go back and use its links and buttons.',
    operatorText: 'A method that the gateway\'s own page does not have, or CONNECT.',
    citation: 'RFC 9110 section 15.5.6',
  },
  'inbound.formTooLarge': {
    status: 413,
    publicText: 'What was sent is too large to be looked at. Tell your administrator the request number.',
    operatorText: 'A form for one of the gateway\'s own pages, or a body that an entry of access.records reads, is over 512 KiB, or over 16 MiB when it is a form with files.',
  },
  'inbound.formTimeout': {
    status: 408,
    publicText: 'What was sent took too long to arrive. Check the connection and try once more.',
    operatorText: 'A form for one of the gateway\'s own pages, or a body that an entry of access.records reads, was not whole within 15 seconds (a form with files: 60); the connection was closed.',
    citation: 'RFC 9110 section 15.5.9',
  },
  'inbound.tooBusy': {
    status: 503,
    publicText: 'Too much arrives at once. Try again in a few seconds.',
    operatorText: 'Bodies that the gateway reads itself, for its own pages or for access.records, hold 32 MiB together, and forms with files 64 MiB. Look in the trail for an address that posts many at once.',
    citation: 'RFC 9110 section 15.6.4',
  },
  'inbound.tooManySignIns': {
    status: 429,
    publicText: 'Too many sign-ins were begun from this address. Try again in a minute.',
    operatorText: 'One client address began more sign-ins within a minute than are allowed: a page that reloads itself, or somebody who tries to keep the gateway busy.',
    citation: 'RFC 6585 section 4',
  },
  'inbound.tooManyOwnPages': {
    status: 429,
    publicText: 'Too many requests came from this address. Try again in a minute.',
    operatorText: 'One client address asked for the gateway\'s own pages more than 600 times within a minute: each is put on record, and a stranger must not fill the disk.',
    citation: 'RFC 6585 section 4',
  },
  'inbound.foreignReport': {
    status: 403,
    publicText: 'This was asked for by another site.',
    operatorText: 'A POST to /_sallyport/session whose Origin or Sec-Fetch-Site is not our own: another site tried to keep somebody signed in (cross-site request forgery).',
  },
  'inbound.foreignSend': {
    status: 403,
    publicText: 'Sending was asked for by another site. Use the buttons of this one.',
    operatorText: 'A POST to /_sallyport/unsent whose Origin is not our own: another site tried to have something sent that was kept for a person (cross-site request forgery).',
  },
  'inbound.unsentGone': {
    status: 410,
    publicText: 'This is not kept any more: it was sent already, or ten minutes are over. Look whether it arrived before you type it again.',
    operatorText: 'A kept request was asked for that is not there for this person in this browser: used once, over after ten minutes, deleted, or a page was reloaded after sending.',
  },
  'inbound.foreignSignOut': {
    status: 403,
    publicText: 'Signing out was asked for by another site. Use the sign-out link of this one.',
    operatorText: 'A POST to /_sallyport/sign-out whose Origin or Sec-Fetch-Site is not our own (cross-site request forgery).',
  },
})
