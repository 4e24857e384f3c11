// Why a mail is not taken in.
import { defineReasons } from '../../shared/errors.ts'

/** Why the quarantine has a mail that could be read. */
export const mailHolds: Readonly<Record<string, string>> = { byClass: 'The class of its recipients is held (outbound.mail.recipients, action: hold), or nobody else may get mail (outbound.mail.others: hold).' }

export const mailReasons = defineReasons({
  'mail.senderNotAllowed': { status: 550, publicText: 'This sender may not send through the gateway.', operatorText: 'The address that the CRM sends as is neither outbound.mail.sender nor in outbound.mail.senders.' },
  'mail.recipientNotAllowed': { status: 550, publicText: 'No mail goes to this recipient.', operatorText: 'The recipient is in no class of outbound.mail.recipients, and outbound.mail.others is refuse.' },
  'mail.notSignedIn': { status: 535, publicText: 'User name or password is wrong.', operatorText: 'The user name or the password is none of outbound.mail.listener.users.', citation: '45 CFR 164.312(d)' },
  'mail.notEncrypted': { status: 530, publicText: 'Use STARTTLS first.', operatorText: 'The CRM hands mail in without encryption, and outbound.mail.listener.tls is configured.', citation: '45 CFR 164.312(e)(1)' },
  'mail.tooLarge': { status: 552, publicText: 'This mail is larger than may be sent.', operatorText: 'The mail is larger than outbound.mail.listener.maxMessageSize.' },
  'mail.tooManyRecipients': { status: 452, publicText: 'Too many recipients: send it to the rest again.', operatorText: 'The mail has more recipients than outbound.mail.listener.maxRecipients.' },
  'mail.lineEnds': { status: 550, publicText: 'A line of this mail does not end with CRLF.', operatorText: 'The mail has a bare CR, a bare LF or a NUL: two servers could see two mails in it (SMTP smuggling). Set the CRM\'s mailer to CRLF.', citation: 'RFC 5321 section 2.3.8' },
  'mail.tooSlow': { status: 451, publicText: 'This mail took too long to arrive.', operatorText: 'The mail was not whole within outbound.mail.listener.messageTimeout.' },
  'mail.busy': { status: 451, publicText: 'Too much mail at the same time. Send it again in a minute.', operatorText: 'The mails that are being judged at this moment have more than 256 MiB.' },
  'mail.dropped': { status: 451, publicText: 'This mail was taken out of the queue.', operatorText: 'An administrator took the mail out of the queue: sallyport mail queue drop. Who and why is on record as operation.run.' },
})
