// One answer of the CRM, whole, as a person may see it: unpacked, read strictly, masked; or the reason why none of it may go out.
import { Hold, readMediaType, type MediaType } from '../../phi/start.ts'
import { unpack } from '../../shared/unpack.ts'
import type { Counts } from './counts.ts'
import { maskFields, type MaskDeps, type Masked } from './mask-fields.ts'
import { maskPage } from './mask-page.ts'
import type { MaskPlan } from './plan.ts'
import type { maskingReasons } from './reasons.ts'
import { single } from './single-field.ts'

export interface AnswerHead {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export type MaskedAnswer =
  | { readonly refused: undefined, readonly body: Buffer, readonly counts: Counts }
  | { readonly refused: keyof typeof maskingReasons.table }

export type MaskOptions = MaskDeps & { readonly plan: MaskPlan, readonly mostBytes: number }

const nothing: Counts = new Map()
/** What stands behind a redirect is read by nobody. */
const hasContent = (status: number) => status !== 204 && status !== 205 && (status < 300 || status >= 400)

function readType (type: string): MediaType | undefined {
  try {
    const media = readMediaType(type)
    return media === undefined || (media.format === 'text' && !isHtml(type)) || media.format === 'multipart' || media.format === 'form' ? undefined : media
  } catch {
    return undefined
  }
}

const isHtml = (type: string) => /^text\/html\s*(?:;|$)/i.test(type.trim())

const isWhole = /<(?:!doctype|html|body)\b/i

/** Pages that come packed into JSON: what some CRMs answer to their own scripts. */
function markupMasker (options: MaskOptions): MaskDeps['maskMarkup'] {
  const { plan } = options
  return text => {
    if (plan.selectors !== undefined) return maskPage(text, plan, options)
    if (isWhole.test(text)) throw new Hold('noPolicy')
    return { text, counts: nothing }
  }
}

/** Data that only says it is a page is read as the data that it is. Throws a Hold. */
function maskHtml ({ body, media }: { readonly body: Buffer, readonly media: MediaType }, options: MaskOptions): Masked {
  const text = media.decode(body)
  // Characters of two bytes each, whatever the type says: no tag would be found in them.
  if (text.includes('\0')) throw new Hold('charset')
  if (/^\ufeff?\s*[[{]/.test(text)) return maskFields({ body, type: 'application/json', media: { ...media, format: 'json' } }, options.plan, options)
  const page = maskPage(text, options.plan, options)
  return { body: page.text === text ? body : media.encode(page.text), counts: page.counts }
}

/** Never throws for what the CRM sent. `content`: as it came, all of it. */
export async function maskAnswer ({ statusCode, headers }: AnswerHead, content: Buffer, given: MaskOptions): Promise<MaskedAnswer> {
  const options: MaskOptions = { ...given, maskMarkup: markupMasker(given) }
  if (statusCode === 206 || statusCode === 304) return { refused: 'masking.unexpected' }
  if (content.length === 0 || !hasContent(statusCode)) return { refused: undefined, body: Buffer.alloc(0), counts: nothing }
  const type = single(headers['content-type'])
  const media = type === undefined || type === '' ? undefined : readType(type)
  const coding = headers['content-encoding'] ?? ''
  if (type === undefined || media === undefined) return { refused: 'masking.unreadable' }
  const body = await unpack(content, typeof coding === 'string' ? coding : coding.join(','), options.mostBytes)
  if (typeof body === 'string') return { refused: body === 'tooLarge' ? 'masking.tooLarge' : 'masking.unreadable' }
  try {
    if (isHtml(type)) return { refused: undefined, ...maskHtml({ body, media }, options) }
    return { refused: undefined, ...maskFields({ body, type, media }, options.plan, options) }
  } catch (error) {
    if (error instanceof Hold || error instanceof RangeError) return { refused: 'masking.unreadable' }
    throw error
  }
}
