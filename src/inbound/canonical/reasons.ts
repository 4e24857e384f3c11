// Why a request has no single reading. Each is refused before anything else is decided; none quotes what was sent.
import { defineReasons } from '../../shared/errors.ts'

export const canonicalReasons = defineReasons({
  'canonical.version': {
    status: 505,
    publicText: 'Use a browser that speaks HTTP/1.1 or HTTP/2.',
    operatorText: 'HTTP/0.9 or 1.0, which needs no Host and knows no chunked bodies, or a text request that calls itself HTTP/2. A load balancer in front must call us with HTTP/1.1 (nginx: proxy_http_version 1.1).',
    citation: 'RFC 9110 section 15.6.6',
  },
  'canonical.methodNotAllowed': {
    status: 405,
    publicText: 'This kind of request is not allowed here; go back and try another way.',
    operatorText: 'The method is not in access.methods. TRACE and CONNECT never pass.',
    citation: 'RFC 9110 section 15.5.6',
  },
  'canonical.targetForm': {
    status: 400,
    publicText: 'The address of this page was not understood; open it again from its link.',
    operatorText: 'The request target is not in origin-form: it must begin with a slash. Absolute-form and * are for proxies and servers, not for a page.',
    citation: 'RFC 9112 section 3.2',
  },
  'canonical.targetTooLong': {
    status: 414,
    publicText: 'The address of this page is too long; shorten the search and try again.',
    operatorText: 'Path over 2048, query over 4096 or whole target over 16384 characters: more than the trail can hold whole.',
    citation: 'RFC 9110 section 15.5.15',
  },
  'canonical.pathCharacter': {
    status: 400,
    publicText: 'The address of this page has a character that is not allowed; open it again from its link.',
    operatorText: 'The path has, plain or encoded, a backslash, semicolon, question mark, control or NUL, an encoded slash, a raw #, or a character that must be encoded. Servers differ in what these mean.',
    citation: 'RFC 3986 section 3.3',
  },
  'canonical.pathEncoding': {
    status: 400,
    publicText: 'The address of this page is encoded wrongly; open it again from its link.',
    operatorText: 'The path has a malformed percent-escape, one that is encoded twice, or bytes that are not valid UTF-8.',
    citation: 'RFC 3986 section 2.1; RFC 3629 section 10',
  },
  'canonical.pathLookAlike': {
    status: 400,
    publicText: 'The address of this page has a character that is not allowed; open it again from its link.',
    operatorText: 'The path has a Unicode character that some servers turn into a slash, dot, semicolon, percent sign or the like (NFKC, code pages).',
    citation: 'Unicode Technical Report 36 section 3',
  },
  'canonical.pathSegment': {
    status: 400,
    publicText: 'The address of this page is not complete; open it again from its link.',
    operatorText: 'The path has an empty segment (//) or one of dots, spaces or invisible characters only. Browsers remove dot segments; servers differ on the rest.',
    citation: 'RFC 3986 section 5.2.4',
  },
  'canonical.query': {
    status: 400,
    publicText: 'The address of this page is encoded wrongly after the question mark; open it again from its link.',
    operatorText: 'The query has a malformed percent-escape, a raw control, non-ASCII character or #, or an encoded NUL.',
    citation: 'RFC 3986 section 3.4',
  },
  'canonical.methodOverride': {
    status: 400,
    publicText: 'This kind of request is not allowed here; go back and try another way.',
    operatorText: 'A header or query field (X-HTTP-Method-Override, X-Original-URL, _method and relatives) asks the CRM for another method or path than the one that is judged.',
  },
  'canonical.hostMissing': {
    status: 400,
    publicText: 'The request does not say for which address it is; open the page again from its link.',
    operatorText: 'There is no Host (HTTP/2: neither :authority nor Host).',
    citation: 'RFC 9112 section 3.2',
  },
  'canonical.hostAmbiguous': {
    status: 400,
    publicText: 'The request does not say clearly for which address it is; open the page again from its link.',
    operatorText: 'More than one Host, one that differs from :authority, or one that is not a host and port.',
    citation: 'RFC 9110 section 7.2',
  },
  'canonical.hostUnknown': {
    status: 421,
    publicText: 'This address is not served here; check the address that you typed.',
    operatorText: 'The Host is not that of gateway.publicUrl. Open the gateway by that name, or correct the setting.',
    citation: 'RFC 9110 section 15.5.20',
  },
  'canonical.tooManyHeaders': {
    status: 431,
    publicText: 'The browser sent too many headers; remove the cookies of this address and try again.',
    operatorText: 'More than 200 header lines. Node.js drops lines beyond a limit silently, so that a part would be judged unseen.',
    citation: 'RFC 6585 section 5',
  },
  'canonical.headerMalformed': {
    status: 400,
    publicText: 'The request was not well formed; try again with an up-to-date browser.',
    operatorText: 'A header name is not a token, or a value has a control character or a folded line.',
    citation: 'RFC 9110 section 5.5',
  },
  'canonical.headerRepeated': {
    status: 400,
    publicText: 'The request was not well formed; try again with an up-to-date browser.',
    operatorText: 'A header that has one value came twice, or under a name with an underscore that many servers read as the same.',
    citation: 'RFC 9110 section 5.3',
  },
  'canonical.framing': {
    status: 400,
    publicText: 'The request was not well formed; try again with an up-to-date browser.',
    operatorText: 'The length of the body can be read two ways: Content-Length beside Transfer-Encoding, not a plain number, a coding other than one chunked, or a body of a GET or HEAD.',
    citation: 'RFC 9112 section 6.3',
  },
  'canonical.connectionHeader': {
    status: 400,
    publicText: 'The request was not well formed; try again with an up-to-date browser.',
    operatorText: 'Connection names a header other than keep-alive, close, te or upgrade, so that a later server would drop it; or HTTP/2 carries a header of the connection.',
    citation: 'RFC 9110 section 7.6.1; RFC 9113 section 8.2.2',
  },
  'canonical.upgrade': {
    status: 400,
    publicText: 'This kind of connection is not allowed here; reload the page.',
    operatorText: 'Upgrade to anything but websocket (h2c would leave the gateway\'s sight), or one that is not a plain GET over HTTP/1.1.',
    citation: 'RFC 9110 section 7.8',
  },
  'canonical.expectation': {
    status: 417,
    publicText: 'The request asks for something that is not offered here; try again with a browser.',
    operatorText: 'Expect other than 100-continue.',
    citation: 'RFC 9110 section 10.1.1',
  },
})
