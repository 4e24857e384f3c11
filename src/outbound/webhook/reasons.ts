// Why a webhook is not taken in.
import { defineReasons } from '../../shared/errors.ts'

export const webhookReasons = defineReasons({
  'webhook.noDestination': { status: 404, publicText: 'There is no such destination. Send to /NAME of a destination that is configured.', operatorText: 'The path names no destination of outbound.destinations, or a path behind it that its paths do not allow.' },
  'webhook.method': { status: 405, publicText: 'Messages are handed in with POST.', operatorText: 'Another method than POST was used.' },
  'webhook.contentType': { status: 415, publicText: 'The Content-Type is missing or cannot be read. Send one, as application/json.', operatorText: 'Content-Type is missing, stands twice or is not a media type: the message could be read in more than one way.' },
  'webhook.encoded': { status: 415, publicText: 'Send the message without Content-Encoding.', operatorText: 'The body is compressed or coded, so that it cannot be judged as it stands.' },
  'webhook.tooLarge': { status: 413, publicText: 'This message is larger than may be handed in.', operatorText: 'The body is larger than outbound.listener.maxBodySize.' },
  'webhook.brokenOff': { status: 400, publicText: 'The message ended before it was whole.', operatorText: 'The connection or the body broke off before the message was whole.' },
  'webhook.tooSlow': { status: 408, publicText: 'The message took too long to arrive.', operatorText: 'The body was not whole within thirty seconds.' },
})
