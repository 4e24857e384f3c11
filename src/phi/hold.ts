// Why a message does not pass: what cannot be read in one way only is held, never guessed at. A hold carries a code and never a value.

export const heldReasons = {
  notUtf8: 'The body is not in the character set that it says.',
  charset: 'The character set is not one that can be read: send UTF-8.',
  unknownType: 'There is no reader for this media type.',
  noPolicy: 'A structured message needs a policy that says which of its fields may leave.',
  notJson: 'The body is not valid JSON.',
  notForm: 'The body is not a valid form: a percent sign is followed by no UTF-8 character.',
  notMultipart: 'The body is not a valid multipart message, or its boundary is missing.',
  notXml: 'The body is not well-formed XML, or uses an entity that XML itself does not have.',
  doctype: 'The XML has a document type declaration, which can stand for any text.',
  elementName: 'The name of an XML element looks like data.',
  notMail: 'The mail, or a mail within it, can be read in more than one way: look at its boundaries, headers and line ends.',
  sealedMail: 'The mail, or a part of it, is encrypted or signed, so that it cannot be looked into, or not be changed.',
  notCsv: 'The body is not valid CSV: look for a quote that is not closed or stands inside a field.',
  tooDeep: 'The body is nested deeper than the policy allows.',
  noType: 'The policy has no case for the type of this message, or it has several types.',
  byRule: 'A rule of the policy holds a message that has this field.',
  notStable: 'Something that looks like an identifier was still there after redaction.',
  tooLong: 'The redaction of this message took more processor time than one message may have.',
  failed: 'The redaction itself failed on this message.',
} as const
export type HeldReason = keyof typeof heldReasons

/** Ends the work on a message; nothing of it leaves. */
export class Hold extends Error {
  override readonly name = 'Hold'
  readonly reason: HeldReason
  constructor (reason: HeldReason) {
    super(reason)
    this.reason = reason
  }
}
