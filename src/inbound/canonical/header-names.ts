// Which headers mean something to the reading of a request. Data only.

/** Headers with one value: a second line makes a second reading (RFC 9110 section 5.3). Host is apart. */
export const singleHeaders: ReadonlySet<string> = new Set([
  'authorization', 'content-disposition', 'content-encoding', 'content-length', 'content-location', 'content-range', 'content-type', 'date', 'expect',
  'from', 'http2-settings', 'if-modified-since', 'if-range', 'if-unmodified-since', 'max-forwards', 'origin', 'proxy-authorization', 'range', 'referer',
  'sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site', 'sec-fetch-user', 'sec-websocket-key', 'sec-websocket-version', 'transfer-encoding', 'upgrade',
  'user-agent', 'access-control-request-method', 'x-requested-with',
])

/** Headers that ask a framework for another method or another path than the request line's. */
export const overrideHeaders: ReadonlySet<string> = new Set([
  'x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-method', 'x-original-url', 'x-rewrite-url',
])

/** Connection options that name no end-to-end header. http2-settings goes with h2c and is refused as an upgrade. */
export const connectionOptions: ReadonlySet<string> = new Set(['', 'close', 'keep-alive', 'te', 'upgrade'])

/** Headers that HTTP/2 has no place for (RFC 9113 section 8.2.2). */
export const connectionHeaders: ReadonlySet<string> = new Set([
  'connection', 'http2-settings', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade',
])
