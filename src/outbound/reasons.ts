// Refusals of the outbound door as a whole.
import { defineReasons } from '../shared/errors.ts'

export const outboundReasons = defineReasons({
  'outbound.busy': { status: 503, publicText: 'Too many messages at the same time. Send it again in a few seconds.', operatorText: 'More messages than sixty-four are being judged at this moment.' },
  'outbound.quarantineFull': { status: 503, publicText: 'This message must be held, and there is no room for it. Tell the administrator of the gateway.', operatorText: 'The quarantine has reached outbound.maxStoredSize: decide about what lies there (sallyport quarantine list), or raise it.' },
  'outbound.notHeld': { status: 503, publicText: 'This message must be held and could not be stored. Try again later.', operatorText: 'The quarantine on disk cannot be written: look at the disk and at the rights of gateway.dataDirectory.' },
  'outbound.held': { status: 422, publicText: 'This message was held, because it could not be judged safely. The administrator of the gateway decides about it; do not send it again.', operatorText: 'The message lies in the quarantine: sallyport quarantine list says why.' },
  'outbound.bug': { status: 500, publicText: 'Something broke in the gateway. Nothing was sent.', operatorText: 'A mistake of the gateway itself: the log has its place in the code. Nothing was sent.' },
})
