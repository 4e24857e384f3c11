// Why a request did not reach the CRM, or its answer did not come back whole. Codes only: no path, header or name ever stands in one.
import { defineReasons } from '../../shared/errors.ts'

export const reasons = defineReasons({
  'forward.originNotAllowed': {
    status: 403,
    publicText: 'This page may not open a live connection here; open the application from its own address.',
    operatorText: 'A WebSocket came without an Origin or from a foreign page. Add the origin to upstream.webSocketOrigins if it is one of yours.',
    citation: 'RFC 6455 section 10.2',
  },
  'forward.notWebSocket': {
    status: 400,
    publicText: 'Only WebSocket connections can be opened this way; reload the page.',
    operatorText: 'An Upgrade request was not a well-formed WebSocket handshake of version 13 without a body.',
    citation: 'RFC 6455 section 4.2.1',
  },
  'forward.earlyBytes': {
    status: 400,
    publicText: 'The connection sent data before it was open; reload the page.',
    operatorText: 'Bytes followed an Upgrade request before the CRM had agreed: a pipelined request or a broken client.',
    citation: 'RFC 6455 section 4.1',
  },
  'forward.bodyTooLarge': {
    status: 413,
    publicText: 'The upload is too large; send a smaller file.',
    operatorText: 'A request body was larger than listeners.public.limits.maxBodySize. The CRM\'s call was aborted.',
    citation: 'RFC 9110 section 15.5.14',
  },
  'forward.uploadStalled': {
    status: 408,
    publicText: 'The upload stopped on the way; try again.',
    operatorText: 'A client sent nothing of its body for listeners.public.limits.bodyIdleTimeout. The CRM\'s call was aborted.',
    citation: 'RFC 9110 section 15.5.9',
  },
  'forward.bodyNotAllowed': {
    status: 400,
    publicText: 'This kind of request cannot carry content; send it without.',
    operatorText: 'A GET or HEAD request had a body. Servers disagree about its meaning, so it is not passed on.',
    citation: 'RFC 9110 section 9.3.1',
  },
  'forward.cannotSend': {
    status: 400,
    publicText: 'The request cannot be passed on as it is; reload the page and try again.',
    operatorText: 'A request held something that cannot be written as HTTP/1.1 to the CRM.',
  },
  'forward.clientGone': {
    status: 400,
    publicText: 'The connection was closed before the answer.',
    operatorText: 'The client hung up, or its session ended, before the CRM had answered. The CRM\'s call was aborted.',
  },
  'forward.unreachable': {
    status: 502,
    publicText: 'The application cannot be reached at the moment; try again in a minute.',
    operatorText: 'No connection to upstream.url: refused, no route, or the name does not resolve. See whether the CRM runs and listens there.',
  },
  'forward.tlsRefused': {
    status: 502,
    publicText: 'The application cannot be reached safely; tell your administrator.',
    operatorText: 'The CRM\'s certificate was not accepted. Compare it with upstream.authority and upstream.serverName, and its end of validity.',
    citation: '45 CFR 164.312(e)(1)',
  },
  'forward.connectTimeout': {
    status: 504,
    publicText: 'The application did not take the request in time; try again in a minute.',
    operatorText: 'No free connection to the CRM within upstream.connectTimeout: it does not answer, or all upstream.maxConnections are in use.',
  },
  'forward.answerTimeout': {
    status: 504,
    publicText: 'The application did not answer in time; try again in a minute.',
    operatorText: 'The CRM took the request and sent no answer headers within upstream.answerTimeout. It may have carried the request out.',
  },
  'forward.badAnswer': {
    status: 502,
    publicText: 'The application gave an answer that cannot be used; tell your administrator.',
    operatorText: 'The CRM closed the connection without an answer, or sent one that is not HTTP. It may have carried the request out.',
  },
  'forward.answerCut': {
    status: 502,
    publicText: 'The answer broke off; reload the page.',
    operatorText: 'The CRM\'s answer ended in the middle. The client\'s connection was cut so that it cannot take the part for the whole.',
  },
})
