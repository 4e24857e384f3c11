// Reads base64 in one way only (RFC 4648 section 3.5): no two texts give the same bytes.

/** Bytes of a base64 text, or undefined. Line breaks and spaces may stand in it, nothing else that is not base64. */
export function readBase64 (text: string): Buffer | undefined {
  const compact = text.replace(/[\r\n\t ]+/g, '')
  const bytes = Buffer.from(compact, 'base64')
  return compact !== '' && bytes.toString('base64') === compact ? bytes : undefined
}
