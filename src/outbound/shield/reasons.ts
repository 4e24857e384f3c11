// Why mail from outside is not taken in.
import { defineReasons } from '../../shared/errors.ts'

/** Why the quarantine has a mail to an alias that could be read. */
export const shieldHolds: Readonly<Record<string, string>> = {
  byAlias: 'Mail to this alias is held (outbound.shield.aliases, action: hold or notice).',
  byAgreement: 'The mailbox of this alias is run by an associate, and there is no agreement in force (associates).',
  byDmarc: 'The mail fails DMARC, and its domain asks that such mail be held or refused (outbound.shield.dmarc): it may be forged.',
}

export const shieldReasons = defineReasons({
  'shield.unknownRecipient': { status: 550, publicText: 'There is no such mailbox here.', operatorText: 'The recipient is none of outbound.shield.aliases. The gateway passes nothing on to anybody else.', citation: 'RFC 5321 section 3.6.2' },
  'shield.tooManyUnknown': { status: 421, publicText: 'Too many unknown recipients.', operatorText: 'A connection asked for ten recipients that are no aliases: somebody tries addresses. It was closed.' },
  'shield.notEncrypted': { status: 530, publicText: 'Use STARTTLS first.', operatorText: 'A mail server outside does not encrypt, and outbound.shield.listener.starttls is required.', citation: '45 CFR 164.312(e)(1)' },
  'shield.network': { status: 554, publicText: 'Mail is not taken from this address.', operatorText: 'The address of the connection is in none of outbound.shield.listener.networks.' },
  'shield.tooManyConnections': { status: 421, publicText: 'Too many connections. Try again later.', operatorText: 'One address has more connections than outbound.shield.listener.maxConnectionsPerAddress, or opened more within a minute than connectionsPerMinute.' },
  'shield.tooManyMessages': { status: 451, publicText: 'Too many mails. Try again later.', operatorText: 'One address sent more mails within a minute than outbound.shield.listener.messagesPerMinute, or an alias got more than messagesPerMinuteOfAlias.' },
  'shield.tooManyRecipients': { status: 452, publicText: 'Too many recipients: send it to the rest again.', operatorText: 'The mail has more recipients than outbound.shield.listener.maxRecipients.' },
  'shield.tooLarge': { status: 552, publicText: 'This mail is larger than may be sent here.', operatorText: 'The mail is larger than outbound.shield.listener.maxMessageSize, or its header larger than 256 KiB.' },
  'shield.lineEnds': { status: 550, publicText: 'A line of this mail does not end with CRLF.', operatorText: 'The mail has a bare CR, a bare LF or a NUL: two servers could see two mails in it (SMTP smuggling).', citation: 'RFC 5321 section 2.3.8' },
  'shield.tooSlow': { status: 451, publicText: 'This mail took too long to arrive.', operatorText: 'The mail was not whole within outbound.shield.listener.messageTimeout.' },
  'shield.busy': { status: 451, publicText: 'Too much mail at the same time. Send it again in a minute.', operatorText: 'The mails from outside that are being judged at this moment have more than 128 MiB.' },
  'shield.loop': { status: 554, publicText: 'This mail goes round in a circle.', operatorText: 'The mail has more than fifty Received fields: the CRM\'s mailbox, or a server before the gateway, sends it back to the alias.', citation: 'RFC 5321 section 6.3' },
  'shield.forged': { status: 550, publicText: 'This mail does not come from where it says (DMARC).', operatorText: 'The mail fails DMARC, its domain asks that such mail be refused, and outbound.shield.dmarc is refuse. Or it names no author, or several domains as its author.', citation: 'RFC 9989' },
  'shield.notChecked': { status: 451, publicText: 'It cannot be checked at the moment where this mail comes from. Send it again later.', operatorText: 'The name service did not answer, so DMARC could not be judged, and outbound.shield.dmarc is not record. The sender\'s server tries again. Look at outbound.shield.nameServers.' },
  'shield.protocol': { status: 500, publicText: 'This could not be understood as mail.', operatorText: 'In the trail only: the last answer on a connection from outside was a refusal by the SMTP server itself, for a command that it does not know or a form that is wrong.', citation: 'RFC 5321 section 4.2' },
})
