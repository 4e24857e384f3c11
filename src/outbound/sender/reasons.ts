// Why a message is not taken for the CRM's.
import { defineReasons } from '../../shared/errors.ts'

const publicText = 'This message does not prove that it comes from the CRM. Check the secret on both sides.'

export const senderReasons = defineReasons({
  'sender.missing': { status: 401, publicText, operatorText: 'The header or the certificate that proves the sender is missing or stands there twice. Nothing else was read.', citation: '45 CFR 164.312(d)' },
  'sender.wrong': { status: 401, publicText, operatorText: 'The token, certificate or signature is not the one that is configured: a wrong secret, a changed body, or somebody else.', citation: '45 CFR 164.312(d)' },
  'sender.tooOld': { status: 401, publicText: 'This message was signed too long ago, or in the future. Send it anew.', operatorText: 'The signed time is more than five minutes away from this machine\'s clock: a replay, or a clock that is wrong.', citation: '45 CFR 164.312(d)' },
  'sender.underWay': { status: 503, publicText: 'The same message is being worked on at this moment. Send it again in a few seconds.', operatorText: 'The same signed message came twice at the same time; how the first one ends is not known yet.' },
})
