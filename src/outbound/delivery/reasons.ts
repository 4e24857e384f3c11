// Why a message did not reach its receiver.
import { defineReasons } from '../../shared/errors.ts'

export const deliveryReasons = defineReasons({
  'delivery.addressRefused': { status: 502, publicText: 'The receiver of this message cannot be used. Tell the administrator of the gateway.', operatorText: 'The destination\'s name leads to an address that is not public (private, this machine, link-local, cloud metadata) and not in outbound.allowAddresses. Nothing was connected to.' },
  'delivery.redirected': { status: 502, publicText: 'The receiver of this message has moved. Tell the administrator of the gateway.', operatorText: 'The receiver answered with a redirect, which is never followed: write its new address into the destination\'s url.' },
  'delivery.rejected': { status: 502, publicText: 'The receiver did not accept this message.', operatorText: 'The receiver answered with a status from 400 on (a mail server: from 500 on) that trying again does not change.' },
  'delivery.unavailable': { status: 502, publicText: 'The receiver could not be reached. Try again later.', operatorText: 'The receiver does not answer, broke off, or answered 408, 425, 429 or from 500 on.' },
  'delivery.certificate': { status: 502, publicText: 'The receiver could not prove who it is. Tell the administrator of the gateway.', operatorText: 'The receiver\'s certificate is not valid for its name, has ended, or comes from an authority that is not known: name it in the destination\'s authority, or have it renewed.', citation: '45 CFR 164.312(e)(1)' },
  'delivery.notEncrypted': { status: 502, publicText: 'The mail server does not encrypt. Tell the administrator of the gateway.', operatorText: 'The mail server offers no STARTTLS, or the encryption could not begin. Nothing was sent; it is tried again.', citation: '45 CFR 164.312(e)(1)' },
  'delivery.notSignedIn': { status: 502, publicText: 'The mail server does not know the gateway. Tell the administrator of the gateway.', operatorText: 'The mail server does not accept outbound.mail.smarthost.user and its password. It is tried again.' },
  'delivery.tooSlow': { status: 504, publicText: 'The receiver did not answer in time. Try again later.', operatorText: 'The receiver did not answer within outbound.attemptTimeout.' },
  'delivery.givenUp': { status: 502, publicText: 'This message could not be delivered in time.', operatorText: 'The message was tried again for outbound.retryFor (a mail: outbound.mail.retryFor) and is in the quarantine now: sallyport quarantine list.' },
  'delivery.agreementEnded': { status: 502, publicText: 'This message may not be delivered any more. Tell the administrator of the gateway.', operatorText: 'While the message waited, the agreement that it was released under ended or was narrowed. It is in the quarantine: released from there it is redacted anew, as for a receiver without one.', citation: '45 CFR 164.502(e)' },
  'delivery.full': { status: 503, publicText: 'No more messages can be taken in at the moment. Try again later.', operatorText: 'The queue has reached outbound.maxStoredSize: see why its destinations do not accept, or raise it.' },
  'delivery.notStored': { status: 503, publicText: 'This message could not be stored. Try again later.', operatorText: 'The queue on disk cannot be written: look at the disk and at the rights of gateway.dataDirectory.' },
})
